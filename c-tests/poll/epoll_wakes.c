// A thread waits in epoll_wait without a time limit, and is woken by each thing that may happen meanwhile: data, a peer that goes,
// an fd that is added, changed, removed, a timer, a signal, a client, a write to an eventfd, a file made in a folder, a child's end.
#include "../fixture.h"
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static int set;
static sem_t begun;

static int control(int operation, int fd, unsigned events)
{
    struct epoll_event wish = {.events = events, .data.fd = fd};
    return must(epoll_ctl(set, operation, fd, &wish));
}

static struct epoll_event event;
static int limit = -1;

static void *waits(void *unused)
{
    (void)unused;
    must(sem_post(&begun));
    event = (struct epoll_event){0};
    return box(epoll_wait(set, &event, 1, limit));
}

static pthread_t waiter(void)
{
    pthread_t thread = start(waits, NULL);
    must(sem_wait(&begun));
    // Sometimes it waits by then, sometimes not.
    static int turn;
    if (turn++ % 3 == 0)
        let_it_block();
    return thread;
}

static void show(const char *what, pthread_t thread, int fd)
{
    long n = unbox(join(thread));
    printf("%s: %ld, %x, right fd: %s\n", what, n, event.events, yes(event.data.fd == fd));
}

int main(void)
{
    struct sockaddr_in address;
    int p[2], s[2];
    char block[4096];
    must(sem_init(&begun, 0, 0));
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &signals, NULL));

    for (int edge = 0; edge < 2; edge++) {
        unsigned how = edge ? EPOLLET : 0;
        set = must(epoll_create1(0));
        must(pipe(p));
        control(EPOLL_CTL_ADD, p[0], EPOLLIN | how);
        pthread_t thread = waiter();
        must(write(p[1], "x", 1));
        show("data", thread, p[0]);
        must(read(p[0], block, 1));
        thread = waiter();
        close(p[1]);
        show("no writer", thread, p[0]);
        control(EPOLL_CTL_DEL, p[0], 0);

        must(pipe(p));
        must(write(p[1], "x", 1));
        thread = waiter();
        control(EPOLL_CTL_ADD, p[0], EPOLLIN | how);
        show("a ready one added", thread, p[0]);
        must(read(p[0], block, 1));
        control(EPOLL_CTL_DEL, p[0], 0);
        thread = waiter();
        control(EPOLL_CTL_ADD, p[0], EPOLLIN | how);
        must(write(p[1], "x", 1));
        show("added, then data", thread, p[0]);
        must(read(p[0], block, 1));
        control(EPOLL_CTL_DEL, p[0], 0);

        stream_pair(s);
        control(EPOLL_CTL_ADD, s[0], EPOLLIN | how);
        thread = waiter();
        control(EPOLL_CTL_MOD, s[0], EPOLLOUT | how);
        show("changed to writing", thread, s[0]);
        control(EPOLL_CTL_MOD, s[0], EPOLLRDHUP | how);
        thread = waiter();
        must(shutdown(s[1], SHUT_WR));
        show("half-closed", thread, s[0]);
        control(EPOLL_CTL_MOD, s[0], 0 | how);
        thread = waiter();
        close(s[1]);
        show("closed", thread, s[0]);
        control(EPOLL_CTL_DEL, s[0], 0);

        // One is removed while it's waited for: only the other is told of.
        int one = must(eventfd(0, 0)), two = must(eventfd(0, 0));
        control(EPOLL_CTL_ADD, one, EPOLLIN | how);
        control(EPOLL_CTL_ADD, two, EPOLLIN | how);
        thread = waiter();
        control(EPOLL_CTL_DEL, one, 0);
        must(write(one, &(uint64_t){1}, 8));
        must(write(two, &(uint64_t){1}, 8));
        show("removed meanwhile", thread, two);
        control(EPOLL_CTL_DEL, two, 0);

        int timer = must(timerfd_create(CLOCK_MONOTONIC, 0));
        control(EPOLL_CTL_ADD, timer, EPOLLIN | how);
        thread = waiter();
        must(timerfd_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 5000000}}, NULL));
        show("timer", thread, timer);
        control(EPOLL_CTL_DEL, timer, 0);

        // The signals of the process; a thread's own are another matter.
        int told = must(signalfd(-1, &signals, 0));
        control(EPOLL_CTL_ADD, told, EPOLLIN | how);
        thread = waiter();
        must(kill(getpid(), SIGUSR1));
        show("signal", thread, told);
        struct signalfd_siginfo info;
        must(read(told, &info, sizeof info));
        printf("which: %s\n", yes(info.ssi_signo == SIGUSR1));
        control(EPOLL_CTL_DEL, told, 0);

        int listener = listen_loopback(5, &address);
        control(EPOLL_CTL_ADD, listener, EPOLLIN | how);
        thread = waiter();
        int client = connect_to(&address);
        show("client", thread, listener);
        int server = must(accept(listener, NULL, NULL));
        control(EPOLL_CTL_DEL, listener, 0);
        control(EPOLL_CTL_ADD, client, EPOLLIN | how);
        thread = waiter();
        must(send(server, "answer", 6, 0));
        show("answer", thread, client);
        must(read(client, block, sizeof block));
        thread = waiter();
        close(server);
        show("server gone", thread, client);
        control(EPOLL_CTL_DEL, client, 0);

        int notify = must(inotify_init1(0));
        must(inotify_add_watch(notify, ".", IN_CREATE));
        control(EPOLL_CTL_ADD, notify, EPOLLIN | how);
        thread = waiter();
        close(must(open(edge ? "one" : "two", O_CREAT | O_RDWR, 0600)));
        show("file made", thread, notify);
        control(EPOLL_CTL_DEL, notify, 0);

        must(pipe(s));
        pid_t child = must(fork());
        if (child == 0) {
            close(s[1]);
            (void)!read(s[0], block, 1);
            _exit(0);
        }
        int process = must(syscall(SYS_pidfd_open, child, 0));
        control(EPOLL_CTL_ADD, process, EPOLLIN | how);
        thread = waiter();
        close(s[1]);
        show("child's end", thread, process);
        must(waitpid(child, NULL, 0));
        control(EPOLL_CTL_DEL, process, 0);

        // Full, and then room.
        must(pipe2(s, O_NONBLOCK));
        while (write(s[1], block, sizeof block) > 0)
            ;
        control(EPOLL_CTL_ADD, s[1], EPOLLOUT | how);
        thread = waiter();
        while (read(s[0], block, sizeof block) > 0)
            ;
        show("room", thread, s[1]);
        close(s[0]), close(s[1]);

        // The last one goes while it's waited for: there's nothing more to tell.
        int last = must(eventfd(0, 0));
        control(EPOLL_CTL_ADD, last, EPOLLIN | how);
        limit = 60;
        thread = waiter();
        close(last);
        printf("the last one closed: %ld\n", unbox(join(thread)));
        limit = -1;
        close(set);
    }
    return 0;
}
