// A bounded queue: several producers, several consumers, two conditions. Nothing is lost, nothing comes twice.
#include "fixture.h"

enum { PRODUCERS = 6, CONSUMERS = 4, EACH = 500, ROOM = 8 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static long items[ROOM];
static unsigned first, count, most;
static int finished;
static unsigned char seen[PRODUCERS * EACH];

static void *producer(void *arg)
{
    for (long i = 0; i < EACH; i++) {
        pthread_mutex_lock(&lock);
        while (count == ROOM)
            pthread_cond_wait(&not_full, &lock);
        items[(first + count++) % ROOM] = unbox(arg) * EACH + i;
        most = count > most ? count : most;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *consumer(void *arg)
{
    long last[PRODUCERS], out_of_order = 0;
    (void)arg;
    memset(last, -1, sizeof last);
    for (;;) {
        pthread_mutex_lock(&lock);
        while (count == 0 && !finished)
            pthread_cond_wait(&not_empty, &lock);
        if (count == 0) {
            pthread_mutex_unlock(&lock);
            return box(out_of_order);
        }
        long item = items[first];
        first = (first + 1) % ROOM;
        count--;
        seen[item]++;
        pthread_cond_signal(&not_full);
        pthread_mutex_unlock(&lock);
        out_of_order += item <= last[item / EACH]; // one producer's items come in order
        last[item / EACH] = item;
        if (item % 100 == 0)
            usleep(200);
    }
}

int main(void)
{
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    long out_of_order = 0, once = 0;

    for (long i = 0; i < CONSUMERS; i++)
        consumers[i] = start(consumer, box(i));
    for (long i = 0; i < PRODUCERS; i++)
        producers[i] = start(producer, box(i));
    for (int i = 0; i < PRODUCERS; i++)
        join(producers[i]);
    pthread_mutex_lock(&lock);
    finished = 1;
    pthread_cond_broadcast(&not_empty);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < CONSUMERS; i++)
        out_of_order += unbox(join(consumers[i]));
    for (int i = 0; i < PRODUCERS * EACH; i++)
        once += seen[i] == 1;
    printf("came exactly once: %ld of %d\n", once, PRODUCERS * EACH);
    printf("out of order: %ld\n", out_of_order);
    printf("never more than there is room: %s\n", yes(most <= ROOM));
    return 0;
}
