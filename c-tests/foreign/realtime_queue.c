// Real-time threads, which stay native, and ordinary ones share a bounded queue with two conditions: each kind is on both of its ends.
// Each item is answered in a second queue of the kind that brought it.
#include "native.h"

enum { PRODUCERS = 4, CONSUMERS = 4, EACH = 200, ROOM = 4 };
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t not_empty, not_full;
    long items[ROOM];
    unsigned first, count;
};
#define EMPTY {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, {0}, 0, 0}
static struct queue questions = EMPTY, answers[PRODUCERS] = {EMPTY, EMPTY, EMPTY, EMPTY};

static void put(struct queue *queue, long item)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->count == ROOM)
        pthread_cond_wait(&queue->not_full, &queue->lock);
    queue->items[(queue->first + queue->count++) % ROOM] = item;
    pthread_cond_signal(&queue->not_empty);
    pthread_mutex_unlock(&queue->lock);
}

static long take(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0)
        pthread_cond_wait(&queue->not_empty, &queue->lock);
    long item = queue->items[queue->first];
    queue->first = (queue->first + 1) % ROOM;
    queue->count--;
    pthread_cond_signal(&queue->not_full);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

// Never more than two questions are open.
static void *producer(void *arg)
{
    long number = unbox(arg), sum = 0;
    for (long i = 0; i < EACH; i++) {
        put(&questions, number * EACH + i);
        if (i > 0)
            sum += take(&answers[number]);
    }
    return box(sum + take(&answers[number]));
}

static void *consumer(void *unused)
{
    (void)unused;
    for (long item, done = 0;; done++) {
        if ((item = take(&questions)) < 0)
            return box(done);
        put(&answers[item / EACH], item % EACH + 1);
    }
}

int main(void)
{
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    long served = 0;

    for (long i = 0; i < CONSUMERS; i++)
        consumers[i] = start_either(i, consumer, NULL);
    for (long i = 0; i < PRODUCERS; i++)
        producers[i] = start_either(i, producer, box(i));
    for (int i = 0; i < PRODUCERS; i++)
        printf("producer %d: a sum of %ld\n", i, unbox(join(producers[i])));
    for (int i = 0; i < CONSUMERS; i++)
        put(&questions, -1);
    for (int i = 0; i < CONSUMERS; i++)
        served += unbox(join(consumers[i]));
    printf("questions: %ld\n", served);
    return 0;
}
