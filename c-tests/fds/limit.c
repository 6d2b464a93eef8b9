// At the limit of open files: socket, accept, open, dup, pipe, socketpair, eventfd, timerfd and epoll_create say EMFILE, and threads
// go on waiting, sleeping, being created and served; the connection that could not be accepted is accepted later.
#include "../fixture.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

enum { LIMIT = 64 };

static int listener;

static void *echoes(void *fd)
{
    char byte;
    long count = 0;
    while (read(unbox(fd), &byte, 1) == 1) {
        must(write(unbox(fd), &byte, 1));
        count++;
    }
    return box(count);
}

static void *naps(void *unused)
{
    usleep(2000);
    return unused;
}

static void *polls(void *fd)
{
    struct pollfd p = {unbox(fd), POLLIN, 0};
    return box(poll(&p, 1, 10000));
}

static void *accepts(void *unused)
{
    (void)unused;
    errno = 0;
    int fd = accept(listener, NULL, NULL);
    return box(fd < 0 ? -errno : fd);
}

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, answer_(result));
}

static void *user(void *argument)
{
    struct sockaddr_in address;
    int pair[2], ends[2], filled[LIMIT], count = 0, fd;
    char byte;
    (void)argument;
    listener = listen_loopback(8, &address);
    stream_pair(pair);
    must(pipe(ends));
    int client = connect_to(&address);
    pthread_t echo = start(echoes, box(pair[0]));
    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        filled[count++] = fd;
    printf("filled: %s, last number %d\n", error_name(errno), filled[count - 1]);

    say("open", open("/dev/null", O_RDONLY));
    say("openat", openat(AT_FDCWD, "new", O_CREAT | O_RDWR, 0600));
    say("creat", creat("new", 0600));
    say("socket", socket(AF_INET, SOCK_STREAM, 0));
    say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0, 0}));
    int two[2] = {77, 78};
    say("pipe", pipe(two));
    say("pipe2", pipe2(two, O_CLOEXEC));
    printf("left alone: %d %d\n", two[0], two[1]);
    say("dup", dup(0));
    say("F_DUPFD", fcntl(0, F_DUPFD, 10));
    say("F_DUPFD_CLOEXEC", fcntl(0, F_DUPFD_CLOEXEC, LIMIT - 1));
    say("F_DUPFD at the limit", fcntl(0, F_DUPFD, LIMIT));
    say("dup2 onto the last", dup2(0, LIMIT - 1));
    say("dup2 at the limit", dup2(0, LIMIT));
    say("dup3 at the limit", dup3(0, LIMIT, O_CLOEXEC));
    say("eventfd", eventfd(0, 0));
    say("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
    say("inotify", inotify_init());
    say("epoll", epoll_create1(0));
    sigset_t none;
    sigemptyset(&none);
    say("signalfd", signalfd(-1, &none, 0));
    printf("fopen: %s\n", fopen("/dev/null", "r") ? "?" : error_name(errno));
    printf("opendir: %s\n", opendir(".") ? "?" : error_name(errno));
    say("accept", accept(listener, NULL, NULL));
    say("accept4", accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    printf("accept in a thread: %s\n", error_name(-unbox(join(start(accepts, NULL)))));
    struct pollfd p = {listener, POLLIN, 0};
    say("still there", poll(&p, 1, 1000));

    // Threads do as ever: the one that waits, new ones that sleep or wait for a pipe.
    must(write(pair[1], "x", 1));
    say("echo", read(pair[1], &byte, 1));
    join(start(naps, NULL));
    pthread_t poller = start(polls, box(ends[0]));
    let_it_block();
    must(write(ends[1], "x", 1));
    printf("poller: %ld\n", unbox(join(poller)));
    say("select", select(0, NULL, NULL, NULL, &(struct timeval){0, 1000}));

    // Room for one: the connection gets it.
    close(filled[--count]);
    int served = unbox(join(start(accepts, NULL)));
    printf("accepted: %s\n", yes(served == LIMIT - 1));
    must(write(served, "y", 1));
    say("served", read(client, &byte, 1));
    say("full again", dup(0));
    // A thread that waits in accept when all is full fails when somebody comes.
    close(client), close(served);
    client = connect_to(&address);
    served = unbox(join(start(accepts, NULL)));
    printf("one more: %s\n", yes(served >= 0));

    while (count > 0)
        close(filled[--count]);
    say("room", socketpair(AF_UNIX, SOCK_STREAM, 0, two));
    must(write(pair[1], "x", 1));
    must(read(pair[1], &byte, 1));
    must(shutdown(pair[1], SHUT_WR));
    printf("echoed %ld\n", unbox(join(echo)));
    close(two[0]), close(two[1]), close(served), close(client), close(pair[0]), close(pair[1]), close(ends[0]), close(ends[1]), close(listener);
    return NULL;
}

int main(void)
{
    // Nobody else's numbers.
    closefrom(3);
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = LIMIT;
    must(setrlimit(RLIMIT_NOFILE, &limit));
    join(start(user, NULL));
    user(NULL);
    return 0;
}
