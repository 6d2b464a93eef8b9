// Six periodic timers, each of whose ticks runs on a thread that libc makes. They lock a mutex and signal a condition, post a
// semaphore, or write into a pipe; threads wait for ten ticks of each.
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>

enum { TIMERS = 6, TICKS = 10 };
static struct clock {
    timer_t timer;
    pthread_mutex_t lock;
    pthread_cond_t ticked;
    sem_t semaphore;
    int ticks, ends[2];
} clocks[TIMERS];

static void tick(union sigval value)
{
    struct clock *clock = value.sival_ptr;
    switch ((clock - clocks) % 3) {
    case 0:
        pthread_mutex_lock(&clock->lock);
        clock->ticks++;
        pthread_cond_signal(&clock->ticked);
        pthread_mutex_unlock(&clock->lock);
        break;
    case 1:
        sem_post(&clock->semaphore);
        break;
    default:
        must(write(clock->ends[1], "t", 1));
    }
}

static void *wait_for_ticks(void *arg)
{
    struct clock *clock = arg;
    char byte;
    long seen = 0;
    switch ((clock - clocks) % 3) {
    case 0:
        pthread_mutex_lock(&clock->lock);
        for (; seen < TICKS; seen++) {
            while (clock->ticks == 0)
                pthread_cond_wait(&clock->ticked, &clock->lock);
            clock->ticks--;
        }
        pthread_mutex_unlock(&clock->lock);
        break;
    case 1:
        for (; seen < TICKS; seen++)
            must(sem_wait(&clock->semaphore));
        break;
    default:
        for (; seen < TICKS; seen++)
            must(read(clock->ends[0], &byte, 1));
    }
    return box(seen);
}

int main(void)
{
    pthread_t threads[TIMERS];
    double begin = now_ms();

    for (int i = 0; i < TIMERS; i++) {
        struct clock *clock = &clocks[i];
        zero(pthread_mutex_init(&clock->lock, NULL));
        zero(pthread_cond_init(&clock->ticked, NULL));
        must(sem_init(&clock->semaphore, 0, 0));
        must(pipe(clock->ends));
        threads[i] = start(wait_for_ticks, clock);
    }
    for (int i = 0; i < TIMERS; i++) {
        struct sigevent event = {.sigev_notify = SIGEV_THREAD};
        struct itimerspec every = {{0, 3000000 + i * 500000}, {0, 3000000}};
        event.sigev_notify_function = tick;
        event.sigev_value.sival_ptr = &clocks[i];
        must(timer_create(CLOCK_MONOTONIC, &event, &clocks[i].timer));
        must(timer_settime(clocks[i].timer, 0, &every, NULL));
    }
    for (int i = 0; i < TIMERS; i++)
        printf("timer %d: %ld ticks\n", i, unbox(join(threads[i])));
    printf("not before ten periods: %s\n", yes(now_ms() - begin >= 9 * 3));
    for (int i = 0; i < TIMERS; i++)
        must(timer_delete(clocks[i].timer));
    return 0;
}
