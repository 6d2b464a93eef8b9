// Signal masks are each thread's own: inherited from the creator, changed by nobody else, whole, and the same after a wait.
#include "signals.h"

enum { N = 20 };
static struct gate go = GATE_CLOSED;

// Blocks what its number says, and looks whether that stays so.
static void *keeps(void *arg)
{
    int number = unbox(arg);
    long wrong = 0;
    sigset_t set, old;
    sigemptyset(&set);
    for (int bit = 0; bit < 5; bit++)
        if (number >> bit & 1)
            sigaddset(&set, SIGRTMIN + bit);
    zero(pthread_sigmask(SIG_SETMASK, &set, &old));
    wrong += sigismember(&old, SIGUSR1) != 1 || sigismember(&old, SIGRTMIN) != 0;
    gate_wait(&go);
    for (int i = 0; i < 20; i++) {
        sched_yield();
        if (i % 5 == 0)
            usleep(200);
        zero(pthread_sigmask(SIG_BLOCK, NULL, &old));
        for (int bit = 0; bit < 5; bit++)
            wrong += sigismember(&old, SIGRTMIN + bit) != (number >> bit & 1);
        wrong += sigismember(&old, SIGUSR1);
    }
    return box(wrong);
}

static void *everything(void *unused)
{
    sigset_t set;
    int count = 0;
    (void)unused;
    sigfillset(&set);
    zero(pthread_sigmask(SIG_SETMASK, &set, NULL));
    zero(pthread_sigmask(SIG_SETMASK, NULL, &set));
    for (int number = 1; number <= 64; number++)
        count += sigismember(&set, number) == 1;
    printf("all that can be blocked: %d, SIGKILL %d, SIGSTOP %d\n", count, sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP));
    printf("pthread_sigmask, no such way: %s", error_name(pthread_sigmask(77, &set, NULL)));
    printf(", no set: %s\n", error_name(pthread_sigmask(77, NULL, NULL)));
    printf("sigprocmask, no such way: %s\n", answer(sigprocmask(77, &set, NULL)));
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    long wrong = 0;
    block(SIGUSR1);
    for (int i = 0; i < N; i++)
        threads[i] = start(keeps, box(i));
    gate_open(&go);
    for (int i = 0; i < N; i++)
        wrong += unbox(join(threads[i]));
    printf("wrong: %ld\n", wrong);
    join(start(everything, NULL));
    printf("main: USR1 %d, USR2 %d, RTMIN %d\n", is_blocked(SIGUSR1), is_blocked(SIGUSR2), is_blocked(SIGRTMIN));
    return 0;
}
