// Values that reach a thread in sigwaitinfo: by pthread_sigqueue to it, and by sigqueue to the process, whose other threads block it.
#include "signals.h"

enum { N = 10 };
static sigset_t set;
static int ends[2];

static void *waits(void *unused)
{
    siginfo_t info;
    for (int i = 0; i < 2 * N; i++) {
        int number = must(sigwaitinfo(&set, &info));
        printf("SIGRTMIN+%d %d, SI_QUEUE: %s, from us: %s\n", number - SIGRTMIN, info.si_value.sival_int,
               yes(info.si_code == SI_QUEUE), yes(info.si_pid == getpid() && info.si_uid == getuid()));
        if (i < N)
            must(write(ends[1], "r", 1));
    }
    must(sigwaitinfo(&set, &info));
    printf("by kill: SI_USER: %s\n", yes(info.si_code == SI_USER));
    must(write(ends[1], "r", 1));
    must(sigwaitinfo(&set, &info));
    printf("by pthread_kill: SI_USER, as glibc has it: %s\n", yes(info.si_code == SI_USER));
    return unused;
}

static void *works(void *unused)
{
    for (int i = 0; i < 20; i++)
        usleep(1000);
    return unused;
}

int main(void)
{
    char byte;
    set = only(SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    must(pipe(ends));
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    pthread_t waiter = start(waits, NULL), worker = start(works, NULL);
    // One by one, as it waits for them.
    for (int i = 0; i < N; i++) {
        union sigval value = {.sival_int = i};
        usleep(1000);
        if (i % 2)
            must(sigqueue(getpid(), SIGRTMIN + 1, value));
        else
            zero(pthread_sigqueue(waiter, SIGRTMIN, value));
        must(read(ends[0], &byte, 1));
    }
    // And at once.
    for (int i = 0; i < N; i++)
        zero(pthread_sigqueue(waiter, SIGRTMIN, (union sigval){.sival_int = 100 + i}));
    must(kill(getpid(), SIGRTMIN + 1));
    must(read(ends[0], &byte, 1));
    zero(pthread_kill(waiter, SIGRTMIN));
    join(waiter);
    join(worker);
    return 0;
}
