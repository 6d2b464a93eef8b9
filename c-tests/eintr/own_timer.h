// A timer of the program's own, a thousand times a second: which calls end with EINTR, which go on after its handler, and which
// answer with what they have. Each waits for something that comes only when the handler has run many times in the midst of it.
#ifndef OWN_TIMER_H
#define OWN_TIMER_H
#include "eintr.h"
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { OFTEN = 12, LARGE = 4 << 20 };

static pthread_t first, caller;
static atomic_int handled, finished;

// The kernel gives the timer's signals to main, which passes them on to the thread that makes the calls.
static void tick(int number)
{
    if (pthread_equal(pthread_self(), caller))
        handled++;
    else if (pthread_equal(pthread_self(), first))
        pthread_kill(caller, number);
}

struct message {
    long type;
    char body[1];
};

// What the calls wait for; all of it new for each call.
static int ends[2], set, queue, semaphores, holds, wants;
static sem_t semaphore;
static pid_t child;

static void prepare(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    stream_pair(ends);
    set = must(epoll_create1(0));
    must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
    queue = must(msgget(IPC_PRIVATE, 0600));
    semaphores = must(semget(IPC_PRIVATE, 1, 0600));
    holds = go_on(open("lock", O_RDWR | O_CREAT, 0600));
    wants = go_on(open("lock", O_RDWR));
    go_on(flock(holds, LOCK_EX));
    must(mkfifo("fifo", 0600));
    must(sem_init(&semaphore, 0, 0));
    child = must(fork());
    if (child == 0)
        for (;;)
            pause();
}

static void *ends_it(void *arg)
{
    static char buffer[LARGE];
    struct message message = {1, "x"};
    struct sembuf give = {.sem_op = 1};
    struct timespec pause = {0, 1000000};
    while (handled < OFTEN)
        nanosleep(&pause, NULL);
    write_all(ends[1], "x", 1);
    must(sem_post(&semaphore));
    must(msgsnd(queue, &message, 1, 0));
    must(semop(semaphores, &give, 1));
    must(flock(holds, LOCK_UN));
    must(kill(child, SIGKILL));
    // Who sends much may go on, who opens a FIFO too.
    for (int fifo = -1; !finished; nanosleep(&pause, NULL)) {
        while (recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT) > 0)
            ;
        if (fifo == -1)
            fifo = open("fifo", O_WRONLY | O_NONBLOCK);
    }
    return arg;
}

static void tidy_up(void)
{
    int fds[] = {ends[0], ends[1], set, holds, wants};
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    must(msgctl(queue, IPC_RMID, NULL));
    must(semctl(semaphores, 0, IPC_RMID));
    must(unlink("fifo"));
    TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
}

static char large[LARGE];

// "all", "a part", or the error.
static const char *amount(long done, long all)
{
    return done == -1 ? answer_(-1) : done < all ? "a part" : "all";
}

static const char *call_read(void)
{
    char byte;
    return amount(read(ends[0], &byte, 1), 1);
}

static const char *call_recv(void)
{
    char byte;
    return amount(recv(ends[0], &byte, 1, 0), 1);
}

static const char *call_recv_with_timeout(void)
{
    struct timeval long_time = {10, 0};
    char byte;
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time));
    return amount(recv(ends[0], &byte, 1, 0), 1);
}

static const char *call_recv_of_four(void)
{
    char bytes[4];
    write_on(ends[1], "abc", 3);
    return amount(recv(ends[0], bytes, 4, MSG_WAITALL), 4);
}

static const char *call_send(void)
{
    return amount(send(ends[0], large, LARGE, 0), LARGE);
}

static const char *call_write(void)
{
    return amount(write(ends[0], large, LARGE), LARGE);
}

static const char *call_poll(void)
{
    struct pollfd wish = {.fd = ends[0], .events = POLLIN};
    return answer(poll(&wish, 1, 10000));
}

static const char *call_poll_without_end(void)
{
    struct pollfd wish = {.fd = ends[0], .events = POLLIN};
    return answer(poll(&wish, 1, -1));
}

static const char *call_select(void)
{
    fd_set fds;
    FD_ZERO(&fds);
    FD_SET(ends[0], &fds);
    return answer(select(ends[0] + 1, &fds, NULL, NULL, NULL));
}

static const char *call_epoll_wait(void)
{
    struct epoll_event event;
    return answer(epoll_wait(set, &event, 1, -1));
}

static const char *call_nanosleep(void)
{
    struct timespec time = {10, 0};
    return answer(nanosleep(&time, NULL));
}

static const char *call_clock_nanosleep(void)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 10000);
    return error_name(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, NULL));
}

static const char *call_sem_wait(void)
{
    return answer(sem_wait(&semaphore));
}

static const char *call_sem_timedwait(void)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 10000);
    return answer(sem_timedwait(&semaphore, &when));
}

static const char *call_msgrcv(void)
{
    struct message message;
    return answer(msgrcv(queue, &message, 1, 0, 0));
}

static const char *call_semop(void)
{
    struct sembuf take = {.sem_op = -1};
    return answer(semop(semaphores, &take, 1));
}

static const char *call_flock(void)
{
    return answer(flock(wants, LOCK_EX));
}

static const char *call_waitpid(void)
{
    return answer(waitpid(child, NULL, 0) == -1 ? -1 : 1);
}

static const char *call_open_of_fifo(void)
{
    int fd;
    return answer((fd = open("fifo", O_RDONLY)) == -1 ? -1 : close(fd));
}

// No signal ends this one.
static const char *call_cond_timedwait(void)
{
    pthread_cond_t nobody = PTHREAD_COND_INITIALIZER;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct timespec when = in_ms(CLOCK_REALTIME, 15);
    zero(pthread_mutex_lock(&lock));
    return error_name(pthread_cond_timedwait(&nobody, &lock, &when));
}

static const struct {
    const char *name;
    const char *(*call)(void);
} calls[] = {
    {"read", call_read},
    {"recv", call_recv},
    {"recv with SO_RCVTIMEO", call_recv_with_timeout},
    {"recv of four, three there", call_recv_of_four},
    {"send of much", call_send},
    {"write of much", call_write},
    {"poll", call_poll},
    {"poll without end", call_poll_without_end},
    {"select", call_select},
    {"epoll_wait", call_epoll_wait},
    {"nanosleep", call_nanosleep},
    {"clock_nanosleep", call_clock_nanosleep},
    {"sem_wait", call_sem_wait},
    {"sem_timedwait", call_sem_timedwait},
    {"msgrcv", call_msgrcv},
    {"semop", call_semop},
    {"flock", call_flock},
    {"waitpid", call_waitpid},
    {"open of a FIFO", call_open_of_fifo},
    {"cond_timedwait", call_cond_timedwait},
};

static void *calls_all(void *arg)
{
    int interrupted = 0;
    printf("%s\n", (const char *)arg);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        prepare();
        finished = 0;
        caller = pthread_self();
        handled = 0;
        pthread_t thread = start(ends_it, NULL);
        const char *said = calls[i].call();
        interrupted += strcmp(said, "EINTR") == 0;
        printf("  %s: %s\n", calls[i].name, said);
        finished = 1;
        join(thread);
        tidy_up();
    }
    printf("  saw EINTR: %s\n", yes(interrupted > 0));
    return NULL;
}

static void calls_under_timer(int flags)
{
    struct sigaction action = {.sa_handler = tick, .sa_flags = flags};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    first = caller = pthread_self();
    must(sigaction(SIGUSR1, &action, NULL));
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    must(timer_settime(timer, 0, &every, NULL));
    calls_all("main");
    join(start(calls_all, "a thread"));
}

#endif
