// Semaphores: as a limit, as a signal, with a time limit, tried.
// pest: none
// A timed wait that is posted to ends with EINTR or with 0, whichever comes first.
#include "fixture.h"
#include <semaphore.h>
#include <stdatomic.h>

enum { N = 16, ROOM = 3, STEPS = 20 };
static sem_t room, ping, pong;
static atomic_int inside, crowded;

static void *worker(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        must(sem_wait(&room));
        if (atomic_fetch_add(&inside, 1) >= ROOM)
            crowded++;
        usleep(200);
        atomic_fetch_sub(&inside, 1);
        must(sem_post(&room));
    }
    return arg;
}

static void *ponger(void *arg)
{
    for (int i = 0; i < 500; i++) {
        must(sem_wait(&ping));
        must(sem_post(&pong));
    }
    return arg;
}

static void *times_out(void *arg)
{
    sem_t *empty = arg;
    struct timespec when = in_ms(CLOCK_REALTIME, 50), past = {1, 0}, bad = {1, 1000000000};
    double since = now_ms();
    printf("trywait: %s\n", answer(sem_trywait(empty)));
    printf("timedwait: %s", answer(sem_timedwait(empty, &when)));
    printf(", waited: %s\n", yes(now_ms() - since >= 49));
    since = now_ms();
    when = in_ms(CLOCK_MONOTONIC, 50);
    printf("clockwait: %s", answer(sem_clockwait(empty, CLOCK_MONOTONIC, &when)));
    printf(", waited: %s\n", yes(now_ms() - since >= 49));
    printf("in the past: %s\n", answer(sem_timedwait(empty, &past)));
    printf("out of range: %s\n", answer(sem_timedwait(empty, &bad)));
    return NULL;
}

static void *posts(void *semaphore)
{
    usleep(1000);
    must(sem_post(semaphore));
    return NULL;
}

int main(void)
{
    pthread_t threads[N], other;
    int value;

    must(sem_init(&room, 0, ROOM));
    must(sem_init(&ping, 0, 0));
    must(sem_init(&pong, 0, 0));
    for (long i = 0; i < N; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    must(sem_getvalue(&room, &value));
    printf("too many inside: %d times; value afterwards: %d\n", atomic_load(&crowded), value);

    other = start(ponger, NULL);
    for (int i = 0; i < 500; i++) {
        must(sem_post(&ping));
        must(sem_wait(&pong));
    }
    join(other);
    printf("ping-pong done\n");

    times_out(&ping);
    join(start(times_out, &ping));
    other = start(posts, &ping);
    struct timespec when = in_ms(CLOCK_REALTIME, 30000);
    printf("timedwait, posted meanwhile: %s\n", answer(sem_timedwait(&ping, &when)));
    join(other);
    must(sem_destroy(&room));
    return 0;
}
