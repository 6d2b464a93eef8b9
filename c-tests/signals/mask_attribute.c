// pthread_attr_setsigmask_np: the mask that a thread begins with, whatever its creator's.
#include "signals.h"

static void *shows(void *unused)
{
    printf("  USR1 %d, USR2 %d\n", is_blocked(SIGUSR1), is_blocked(SIGUSR2));
    return unused;
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
    (void)number;
    handled++;
}

static void *takes(void *unused)
{
    while (!handled) // pending since before its birth
        sched_yield();
    printf("  handled by the thread: %d\n", (int)handled);
    return unused;
}

static void *create(void *attributes)
{
    pthread_t thread;
    zero(pthread_create(&thread, attributes, shows, NULL));
    return join(thread);
}

int main(void)
{
    pthread_attr_t attributes, mine;
    pthread_t thread;
    sigset_t set = only(SIGUSR2), got;

    block(SIGUSR1);
    zero(pthread_attr_init(&attributes));
    printf("unset: %s\n", yes(pthread_attr_getsigmask_np(&attributes, &got) == PTHREAD_ATTR_NO_SIGMASK_NP));
    create(&attributes);
    zero(pthread_attr_setsigmask_np(&attributes, &set));
    printf("set: %s\n", error_name(pthread_attr_getsigmask_np(&attributes, &got)));
    printf("  reads back: USR1 %d, USR2 %d\n", sigismember(&got, SIGUSR1), sigismember(&got, SIGUSR2));
    create(&attributes);
    printf("its thread's thread\n");
    zero(pthread_create(&thread, &attributes, create, NULL));
    join(thread);
    zero(pthread_attr_setsigmask_np(&attributes, NULL));
    printf("unset again: %s\n", yes(pthread_attr_getsigmask_np(&attributes, &got) == PTHREAD_ATTR_NO_SIGMASK_NP));
    create(&attributes);
    zero(pthread_getattr_np(pthread_self(), &mine));
    printf("pthread_getattr_np tells none: %s\n", yes(pthread_attr_getsigmask_np(&mine, &got) == PTHREAD_ATTR_NO_SIGMASK_NP));
    zero(pthread_attr_destroy(&mine));

    // A signal to the process that waits for a thread that takes it.
    printf("pending\n");
    signal(SIGUSR1, handler);
    must(kill(getpid(), SIGUSR1));
    sigemptyset(&set);
    zero(pthread_attr_setsigmask_np(&attributes, &set));
    zero(pthread_create(&thread, &attributes, takes, NULL));
    join(thread);
    zero(pthread_attr_destroy(&attributes));
    return 0;
}
