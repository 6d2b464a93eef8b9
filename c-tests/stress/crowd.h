// A crowd of threads that all do the same, each with its number from 0 on.
#ifndef CROWD_H
#define CROWD_H
#include "fixture.h"
#include <sched.h>

// Starts them, waits for all, and adds up what they return.
static inline long crowd(long size, void *(*function)(void *))
{
    pthread_t threads[size];
    long sum = 0;
    for (long i = 0; i < size; i++)
        threads[i] = start_small(function, box(i));
    for (long i = 0; i < size; i++)
        sum += unbox(join(threads[i]));
    return sum;
}

// What a lock guards: only one thread is inside, and nobody sees the two halves differ.
struct guarded {
    long first, second, inside, broken;
};

static inline void enter(struct guarded *guarded)
{
    guarded->broken += guarded->inside++ != 0 || guarded->first != guarded->second;
    guarded->first++;
}

static inline void leave(struct guarded *guarded)
{
    guarded->second++;
    guarded->broken += --guarded->inside != 0;
}

// The same in one; now and then others run in between.
static inline void visit(struct guarded *guarded, int let_others_run)
{
    enter(guarded);
    if (let_others_run)
        sched_yield();
    leave(guarded);
}

static inline int whole(const struct guarded *guarded, long visits)
{
    return guarded->broken == 0 && guarded->inside == 0 && guarded->first == visits && guarded->second == visits;
}

static inline void count(long *counter)
{
    __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static inline long counted(const long *counter)
{
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

#endif
