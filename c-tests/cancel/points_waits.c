// pthread_cancel ends a thread that sleeps, or waits for a semaphore, a condition or a thread, with a limit of time.
#include "points.h"
#include <semaphore.h>
#include <threads.h>

static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t sleeper;
static struct gate hold = GATE_CLOSED;

static void with_usleep(void)
{
    usleep(3600u * 1000 * 1000);
}

static void with_clock_nanosleep(void)
{
    struct timespec when = in_an_hour(CLOCK_MONOTONIC);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

static void with_thrd_sleep(void)
{
    thrd_sleep(&hour, NULL);
}

static void with_sem_timedwait(void)
{
    struct timespec when = in_an_hour(CLOCK_REALTIME);
    sem_timedwait(&semaphore, &when);
}

static void with_sem_clockwait(void)
{
    struct timespec when = in_an_hour(CLOCK_MONOTONIC);
    sem_clockwait(&semaphore, CLOCK_MONOTONIC, &when);
}


static void unlock(void *arg) { printf("  unlock: %s\n", error_name(pthread_mutex_unlock(arg))); }

static void with_cond_clockwait(void)
{
    struct timespec until = in_an_hour(CLOCK_MONOTONIC);
    zero(pthread_mutex_lock(&mutex));
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &until);
    pthread_cleanup_pop(1);
}

static void with_timedjoin(void)
{
    struct timespec when = in_an_hour(CLOCK_REALTIME);
    pthread_timedjoin_np(sleeper, NULL, &when);
}

static void with_clockjoin(void)
{
    struct timespec when = in_an_hour(CLOCK_MONOTONIC);
    pthread_clockjoin_np(sleeper, NULL, CLOCK_MONOTONIC, &when);
}

static const struct point points[] = {
    POINT(usleep), POINT(clock_nanosleep), POINT(thrd_sleep), POINT(sem_timedwait), POINT(sem_clockwait),
    POINT(cond_clockwait), POINT(timedjoin), POINT(clockjoin),
};

static void *sleeps(void *arg)
{
    gate_wait(&hold);
    return arg;
}

int main(void)
{
    must(sem_init(&semaphore, 0, 0));
    sleeper = start(sleeps, box(4));
    CANCEL_IN(points);

    // What they waited for still works.
    zero(pthread_mutex_lock(&mutex));
    zero(pthread_mutex_unlock(&mutex));
    must(sem_post(&semaphore));
    printf("sem_wait: %s\n", answer(sem_wait(&semaphore)));
    gate_open(&hold);
    printf("join: %ld\n", unbox(join(sleeper)));
    return 0;
}
