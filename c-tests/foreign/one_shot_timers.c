// Fifty timers go off at about the same time, each on a thread that libc makes, and all want the mutex that four threads hammer.
// main waits on a condition for the last.
#include "fixture.h"
#include <signal.h>

enum { TIMERS = 50, HAMMERS = 4 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int fired[TIMERS], count, stop;
static long in_lock, overlaps, blows;

static void enter(void)
{
    pthread_mutex_lock(&lock);
    overlaps += in_lock++ != 0;
}

static void leave(void)
{
    in_lock--;
    pthread_mutex_unlock(&lock);
}

static void goes_off(union sigval value)
{
    enter();
    fired[value.sival_int]++;
    count++;
    pthread_cond_broadcast(&changed);
    leave();
}

static void *hammer(void *unused)
{
    for (int done = 0; !done;) {
        enter();
        blows++;
        done = stop;
        leave();
        sched_yield();
    }
    return unused;
}

int main(void)
{
    pthread_t hammers[HAMMERS];
    timer_t timers[TIMERS];
    int once = 0;

    for (int i = 0; i < HAMMERS; i++)
        hammers[i] = start(hammer, NULL);
    for (int i = 0; i < TIMERS; i++) {
        struct sigevent event = {.sigev_notify = SIGEV_THREAD};
        struct itimerspec soon = {{0, 0}, {0, 10000000}};
        event.sigev_notify_function = goes_off;
        event.sigev_value.sival_int = i;
        must(timer_create(CLOCK_REALTIME, &event, &timers[i]));
        must(timer_settime(timers[i], 0, &soon, NULL));
    }
    pthread_mutex_lock(&lock);
    while (count < TIMERS)
        pthread_cond_wait(&changed, &lock);
    stop = 1;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < HAMMERS; i++)
        join(hammers[i]);
    for (int i = 0; i < TIMERS; i++) {
        must(timer_delete(timers[i]));
        once += fired[i] == 1;
    }
    printf("went off once: %d of %d; overlaps: %ld; hammered: %s\n", once, TIMERS, overlaps, yes(blows > 0));
    return 0;
}
