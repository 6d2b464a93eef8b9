// Hundreds of threads want a permit for a millisecond at most, by either clock. Permits are held longer than that now and then.
#include "crowd.h"
#include <semaphore.h>

enum { THREADS = 200, STEPS = 500, PERMITS = 3, NAPS = 100 };
static sem_t semaphore, tried, begin;
static long inside, too_many, taken, late, early;

// Returns whether it got one. Who doesn't has waited until the time was over.
static int take_in_time(clockid_t clock, long milliseconds)
{
    struct timespec until = in_ms(clock, milliseconds), now;
    int result = clock == CLOCK_REALTIME ? sem_timedwait(&semaphore, &until) : sem_clockwait(&semaphore, clock, &until);
    if (result == 0)
        return 1;
    if (errno != ETIMEDOUT)
        die("sem_timedwait");
    clock_gettime(clock, &now);
    count(&late);
    if (now.tv_sec < until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec))
        count(&early);
    return 0;
}

static void *run(void *arg)
{
    clockid_t clock = unbox(arg) % 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    struct timespec nap = {0, 2000000};
    int got = take_in_time(clock, 1); // there is none yet
    must(sem_post(&tried));
    must(sem_wait(&begin));
    for (long i = 0; i < STEPS; i++) {
        if (!take_in_time(clock, i % 10 == 0 ? 0 : 1))
            continue;
        count(&taken);
        if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) > PERMITS)
            count(&too_many);
        if (counted(&taken) % (THREADS * STEPS / NAPS) < PERMITS)
            nanosleep(&nap, NULL);
        __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        must(sem_post(&semaphore));
    }
    return box(got);
}

int main(void)
{
    pthread_t threads[THREADS];
    long got = 0;
    int value;
    must(sem_init(&semaphore, 0, 0));
    must(sem_init(&tried, 0, 0));
    must(sem_init(&begin, 0, 0));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start_small(run, box(i));
    for (int i = 0; i < THREADS; i++)
        must(sem_wait(&tried));
    printf("out of time while there are none: %ld\n", late);
    for (int i = 0; i < PERMITS; i++)
        must(sem_post(&semaphore));
    for (int i = 0; i < THREADS; i++)
        must(sem_post(&begin));
    for (int i = 0; i < THREADS; i++)
        got += unbox(join(threads[i]));
    printf("got one before there were any: %ld\n", got);
    printf("operations: %ld\n", taken + late);
    printf("out of time too early: %ld\n", early);
    printf("too many inside: %ld\n", too_many);
    must(sem_getvalue(&semaphore, &value));
    printf("permits in the end: %d\n", value);
    return 0;
}
