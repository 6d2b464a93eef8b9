// The daemon's way: all threads block the signals, one waits for them with sigwait, sigwaitinfo and sigtimedwait, the others work.
#include "fixture.h"
#include <signal.h>

static sigset_t set;
static int ends[2];

static void *waits(void *arg)
{
    siginfo_t info;
    struct timespec brief = {.tv_nsec = 10000000}, none = {0}, bad = {.tv_nsec = -1};
    int number = 0;

    printf("sigwait: %d", sigwait(&set, &number));
    printf(", %s\n", sigabbrev_np(number));
    must(write(ends[1], "1", 1));
    number = must(sigwaitinfo(&set, &info));
    printf("sigwaitinfo: %s, from us: %d\n", sigabbrev_np(number), info.si_pid == getpid());
    must(write(ends[1], "2", 1));
    number = must(sigtimedwait(&set, &info, &(struct timespec){.tv_sec = 5}));
    printf("sigtimedwait: %s, value %d\n", sigabbrev_np(number) ? sigabbrev_np(number) : "RT", info.si_value.sival_int);
    printf("nothing: %s", answer(sigtimedwait(&set, NULL, &brief)));
    printf(", nothing at once: %s", answer(sigtimedwait(&set, NULL, &none)));
    printf(", bad time: %s\n", answer(sigtimedwait(&set, NULL, &bad)));
    must(write(ends[1], "3", 1));
    printf("ended by: %d", sigwait(&set, &number));
    printf(" %s\n", sigabbrev_np(number));
    return arg;
}

static void *works(void *arg)
{
    for (int i = 0; i < 20; i++)
        usleep(1000);
    return arg;
}

static void told(char expected)
{
    char c;
    must(read(ends[0], &c, 1));
    if (c != expected)
        die("the wrong step");
}

int main(void)
{
    pthread_t waiter, worker;

    must(pipe(ends));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGRTMIN);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    zero(pthread_create(&waiter, NULL, waits, NULL));
    zero(pthread_create(&worker, NULL, works, NULL));
    must(kill(getpid(), SIGUSR1));
    told('1');
    usleep(5000);
    must(kill(getpid(), SIGHUP));
    told('2');
    must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42}));
    told('3');
    must(kill(getpid(), SIGTERM));
    zero(pthread_join(waiter, NULL));
    zero(pthread_join(worker, NULL));
    return 0;
}
