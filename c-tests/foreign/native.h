// Threads with a real-time policy. Without the privilege for one they are ordinary threads, and nobody sees a difference.
#ifndef NATIVE_H
#define NATIVE_H
#include "fixture.h"
#include <sched.h>

static inline pthread_t start_realtime(void *(*function)(void *), void *argument)
{
    static int round;
    struct sched_param lowest = {.sched_priority = 1};
    int policy = __atomic_fetch_add(&round, 1, __ATOMIC_RELAXED) % 2 ? SCHED_FIFO : SCHED_RR;
    pthread_attr_t attributes;
    pthread_t thread;
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED));
    zero(pthread_attr_setschedpolicy(&attributes, policy));
    zero(pthread_attr_setschedparam(&attributes, &lowest));
    int error = pthread_create(&thread, &attributes, function, argument);
    zero(pthread_attr_destroy(&attributes));
    if (error == EPERM)
        return start(function, argument);
    zero(error);
    return thread;
}

// Every other thread is one of them.
static inline pthread_t start_either(long number, void *(*function)(void *), void *argument)
{
    return number % 2 ? start_realtime(function, argument) : start(function, argument);
}

#endif
