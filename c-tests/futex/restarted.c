// A handler with SA_RESTART doesn't end a FUTEX_WAIT that has no time limit; one that has is ended all the same.
#include "futex.h"
#include <signal.h>

static unsigned word;
static atomic_int handled, seen;

static void handler(int signal)
{
    (void)signal;
    atomic_fetch_add(&handled, 1);
}

// Signals its target until the handler has run twice, then wakes it.
static void *signals_and_wakes(void *target)
{
    while (atomic_load(&handled) < 2) {
        usleep(20000);
        zero(pthread_kill(*(pthread_t *)target, SIGUSR1));
    }
    wake_exactly(&word, FUTEX_PRIVATE_FLAG, 1);
    return NULL;
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
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct timespec when = {20, 0};
    pthread_t self = pthread_self(), other;
    must(sigaction(SIGUSR1, &action, NULL));
    atomic_store(&handled, 0);
    other = start(signals_and_wakes, &self);
    printf("restarted, then woken: %s\n", answer(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0)));
    join(other);

    atomic_store(&seen, 0);
    other = start(signals, &self);
    printf("relative: %s\n", answer(futex(&word, FUTEX_WAIT_PRIVATE, 0, &when, NULL, 0)));
    when = in_ms(CLOCK_MONOTONIC, 20000);
    printf("absolute: %s\n", answer(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &when, NULL, 1)));
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
