// Many native and many ordinary threads hammer one counter behind a mutex and a ring of numbers that only semaphores guard.
#include "native.h"
#include <semaphore.h>

enum { COUNTERS = 24, BLOWS = 400, FEEDERS = 8, EATERS = 8, EACH = 150, ROOM = 16 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter, inside, overlaps;
static sem_t room, filled, put_turn, take_turn;
static int ring[ROOM], in, out;
static unsigned char seen[FEEDERS * EACH];

static void *count(void *arg)
{
    for (int i = 0; i < BLOWS; i++) {
        if (i % 4 == 0) {
            while (pthread_mutex_trylock(&lock) != 0)
                usleep(50);
        } else {
            zero(pthread_mutex_lock(&lock));
        }
        overlaps += inside++ != 0;
        long was = counter;
        if (i % 50 == 0)
            sched_yield();
        counter = was + 1;
        inside--;
        zero(pthread_mutex_unlock(&lock));
    }
    return arg;
}

static void *feed(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        must(sem_wait(&room));
        must(sem_wait(&put_turn));
        ring[in++ % ROOM] = unbox(arg) * EACH + i;
        must(sem_post(&put_turn));
        must(sem_post(&filled));
    }
    return arg;
}

static void *eat(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        must(sem_wait(&filled));
        must(sem_wait(&take_turn));
        seen[ring[out++ % ROOM]]++;
        must(sem_post(&take_turn));
        must(sem_post(&room));
    }
    return arg;
}

int main(void)
{
    pthread_t counters[COUNTERS], feeders[FEEDERS], eaters[EATERS];
    int once = 0;

    must(sem_init(&room, 0, ROOM));
    must(sem_init(&filled, 0, 0));
    must(sem_init(&put_turn, 0, 1));
    must(sem_init(&take_turn, 0, 1));
    for (long i = 0; i < COUNTERS; i++)
        counters[i] = start_either(i, count, NULL);
    for (long i = 0; i < FEEDERS; i++) {
        feeders[i] = start_either(i, feed, box(i));
        eaters[i] = start_either(i + 1, eat, NULL);
    }
    for (int i = 0; i < COUNTERS; i++)
        join(counters[i]);
    for (int i = 0; i < FEEDERS; i++) {
        join(feeders[i]);
        join(eaters[i]);
    }
    for (int i = 0; i < FEEDERS * EACH; i++)
        once += seen[i] == 1;
    printf("counted to %ld of %d; overlaps: %ld\n", counter, COUNTERS * BLOWS, overlaps);
    printf("came exactly once: %d of %d\n", once, FEEDERS * EACH);
    return 0;
}
