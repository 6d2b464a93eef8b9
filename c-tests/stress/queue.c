// A bounded queue with a hundred threads on each end and two conditions, by signal and by broadcast. Nothing is lost, nothing comes twice.
#include "crowd.h"

enum { PRODUCERS = 100, CONSUMERS = 100, EACH = 5000, ROOM = 256, ITEMS = PRODUCERS * EACH };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static long items[ROOM], out_of_order;
static unsigned first, held;
static unsigned char seen[ITEMS];

static void wake(pthread_cond_t *cond, long item)
{
    zero(item % 64 == 0 ? pthread_cond_broadcast(cond) : pthread_cond_signal(cond));
}

static void produce(long number)
{
    for (long i = 0; i < EACH; i++) {
        zero(pthread_mutex_lock(&lock));
        while (held == ROOM)
            zero(pthread_cond_wait(&not_full, &lock));
        items[(first + held++) % ROOM] = number * EACH + i;
        wake(&not_empty, i);
        zero(pthread_mutex_unlock(&lock));
    }
}

static void consume(void)
{
    long last[PRODUCERS];
    memset(last, -1, sizeof last);
    for (long i = 0; i < ITEMS / CONSUMERS; i++) {
        zero(pthread_mutex_lock(&lock));
        while (held == 0)
            zero(pthread_cond_wait(&not_empty, &lock));
        long item = items[first];
        first = (first + 1) % ROOM;
        held--;
        seen[item]++;
        if (item <= last[item / EACH]) // one producer's items come in order
            out_of_order++;
        last[item / EACH] = item;
        wake(&not_full, i);
        zero(pthread_mutex_unlock(&lock));
    }
}

static void *run(void *arg)
{
    if (unbox(arg) % 2 == 0)
        produce(unbox(arg) / 2);
    else
        consume();
    return NULL;
}

int main(void)
{
    long once = 0;
    crowd(PRODUCERS + CONSUMERS, run);
    for (long i = 0; i < ITEMS; i++)
        once += seen[i] == 1;
    printf("operations: %d\n", 2 * ITEMS);
    printf("came exactly once: %ld\n", once);
    printf("out of order: %ld\n", out_of_order);
    printf("left over: %u\n", held);
    return 0;
}
