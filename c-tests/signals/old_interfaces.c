// sysv_signal, siginterrupt; what sigaction says of the mask; a signal that is ignored is pending no more.
#include "signals.h"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" // old programs call it all the same

static atomic_int count;

static void handler(int number)
{
    (void)number;
    count++;
}

static void *pesters(void *target)
{
    while (!count) {
        usleep(10000);
        pthread_kill(*(pthread_t *)target, SIGUSR2);
    }
    return NULL;
}

static void *run(void *unused)
{
    struct sigaction action;
    pthread_t self = pthread_self(), other;
    int ends[2];
    char byte;

    sysv_signal(SIGUSR1, handler);
    must(sigaction(SIGUSR1, NULL, &action));
    printf("sysv_signal: its handler %s, flags %x", yes(action.sa_handler == handler), (unsigned)action.sa_flags & ~0x04000000u);
    count = 0;
    raise(SIGUSR1);
    must(sigaction(SIGUSR1, NULL, &action));
    printf(", ran %d, default again: %s\n", count, yes(action.sa_handler == SIG_DFL));

    signal(SIGUSR2, handler);
    must(sigaction(SIGUSR2, NULL, &action));
    printf("signal: restarts %s", yes(action.sa_flags & SA_RESTART));
    long others = 0;
    for (int n = 1; n < 65; n++)
        others += n != SIGUSR2 && sigismember(&action.sa_mask, n) == 1;
    printf(", blocks itself %d and %ld others\n", sigismember(&action.sa_mask, SIGUSR2), others);
    must(siginterrupt(SIGUSR2, 1));
    must(pipe(ends));
    count = 0;
    other = start(pesters, &self);
    printf("siginterrupt: %s\n", answer(read(ends[0], &byte, 1)));
    join(other);

    count = 0;
    block(SIGUSR2);
    raise(SIGUSR2);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGUSR2, handler);
    unblock(SIGUSR2);
    printf("ignored meanwhile: ran %d\n", count);
    close(ends[0]);
    close(ends[1]);
    return unused;
}

int main(void)
{
    run(NULL);
    join(start(run, NULL));
    return 0;
}
