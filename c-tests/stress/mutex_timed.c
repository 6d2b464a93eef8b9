// Hundreds of threads want one mutex for a millisecond at most, by either clock. Some holders sleep longer than that.
#include "crowd.h"
#include <semaphore.h>

enum { THREADS = 200, STEPS = 500, NAPS = 100 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guarded guarded;
static sem_t tried, begin;
static long taken, late, early;

// Returns whether it got it. Who doesn't has waited until the time was over.
static int lock_in_time(clockid_t clock, long milliseconds)
{
    struct timespec until = in_ms(clock, milliseconds), now;
    int error = clock == CLOCK_REALTIME ? pthread_mutex_timedlock(&lock, &until)
                                        : pthread_mutex_clocklock(&lock, clock, &until);
    if (error == 0)
        return 1;
    if (error != ETIMEDOUT)
        zero(error);
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
    int got = lock_in_time(clock, 1); // main holds it
    must(sem_post(&tried));
    must(sem_wait(&begin));
    for (long i = 0; i < STEPS; i++) {
        if (!lock_in_time(clock, i % 10 == 0 ? 0 : 1))
            continue;
        count(&taken);
        enter(&guarded);
        if (counted(&taken) % (THREADS * STEPS / NAPS) == 0)
            nanosleep(&nap, NULL);
        leave(&guarded);
        zero(pthread_mutex_unlock(&lock));
    }
    return box(got);
}

int main(void)
{
    pthread_t threads[THREADS];
    long got = 0;
    zero(sem_init(&tried, 0, 0));
    zero(sem_init(&begin, 0, 0));
    zero(pthread_mutex_lock(&lock));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start_small(run, box(i));
    for (int i = 0; i < THREADS; i++)
        must(sem_wait(&tried));
    printf("out of time while main holds it: %ld\n", late);
    zero(pthread_mutex_unlock(&lock));
    for (int i = 0; i < THREADS; i++)
        must(sem_post(&begin));
    for (int i = 0; i < THREADS; i++)
        got += unbox(join(threads[i]));
    printf("got it from main: %ld\n", got);
    printf("operations: %ld\n", taken + late);
    printf("out of time too early: %ld\n", early);
    printf("invariant held: %s\n", yes(whole(&guarded, taken)));
    return 0;
}
