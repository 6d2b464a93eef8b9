// A handler without SA_RESTART ends a FUTEX_WAIT with EINTR, whatever its flavour and its time limit.
#include "futex.h"
#include <signal.h>

static unsigned word;
static atomic_int seen;

static void handler(int signal)
{
    (void)signal;
}

// Signals its target until that has seen it.
static void *signals(void *target)
{
    while (!atomic_load(&seen)) {
        usleep(20000);
        zero(pthread_kill(*(pthread_t *)target, SIGUSR1));
    }
    return NULL;
}

static void *run(void *unused)
{
    struct timespec when;
    struct sigaction action = {.sa_handler = handler};
    pthread_t self = pthread_self(), other;
    must(sigaction(SIGUSR1, &action, NULL));
    atomic_store(&seen, 0);
    other = start(signals, &self);
    printf("wait: %s\n", answer(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0)));
    when = (struct timespec){20, 0};
    printf("relative: %s\n", answer(futex(&word, FUTEX_WAIT_PRIVATE, 0, &when, NULL, 0)));
    when = in_ms(CLOCK_MONOTONIC, 20000);
    printf("absolute: %s\n", answer(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &when, NULL, 1)));
    printf("shared: %s\n", answer(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0)));
    atomic_store(&seen, 1);
    join(other);
    return unused;
}

int main(void)
{
    run(NULL);
    join(start(run, NULL));
    return 0;
}
