// How collectors have a thread stand still: by a signal, in whose handler it waits until `turn` has changed, and SIGXCPU has come.
#ifndef STILL_H
#define STILL_H
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>

static sem_t stands; // one for each that has come to stand still
static long turn;

static void stand_still(int number)
{
    long mine = __atomic_load_n(&turn, __ATOMIC_ACQUIRE);
    int error = errno;
    sigset_t all_but_go_on;
    (void)number;
    sigfillset(&all_but_go_on);
    sigdelset(&all_but_go_on, SIGXCPU);
    sem_post(&stands);
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == mine)
        sigsuspend(&all_but_go_on);
    errno = error;
}

static void wake(int number)
{
    (void)number;
}

// From now on `signal` has threads stand still.
static inline void stops_by(int signal)
{
    struct sigaction action = {.sa_handler = stand_still, .sa_flags = SA_RESTART};
    zero(sem_init(&stands, 0, 0));
    sigfillset(&action.sa_mask);
    must(sigaction(signal, &action, NULL));
    action.sa_handler = wake;
    must(sigaction(SIGXCPU, &action, NULL));
}

// They go on.
static inline void go_on(const pthread_t *threads, int count)
{
    __atomic_add_fetch(&turn, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < count; i++)
        zero(pthread_kill(threads[i], SIGXCPU));
}
#endif
