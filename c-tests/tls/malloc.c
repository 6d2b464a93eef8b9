// malloc and free of many sizes on many threads, freeing what others allocated, in threads that end and are reused.
#include "fixture.h"
#include <malloc.h>

enum { N = 16, SLOTS = 64, STEPS = 3000, ROUNDS = 3 };
struct slot {
    pthread_mutex_t lock;
    unsigned char *block;
    size_t size;
    unsigned char fill;
};
static struct slot slots[SLOTS];
static int wrong;

static unsigned next(unsigned *seed)
{
    return *seed = *seed * 1103515245 + 12345;
}

static size_t some_size(unsigned *seed)
{
    unsigned pick = next(seed) >> 8;
    return pick % 50 == 0 ? 1 + pick % 300000 : 1 + pick % 2000; // mostly small; some are mapped
}

static void *thread(void *arg)
{
    unsigned seed = 1 + unbox(arg);
    for (int step = 0; step < STEPS; step++) {
        struct slot *slot = &slots[(next(&seed) >> 8) % SLOTS];
        size_t size = some_size(&seed);
        unsigned char *block = step % 7 ? malloc(size) : calloc(1, size), fill = seed >> 24;
        if (step % 11 == 0)
            block = realloc(block, size *= 2);
        memset(block, fill, size);
        pthread_mutex_lock(&slot->lock);
        unsigned char *other = slot->block; // likely another thread's
        size_t other_size = slot->size;
        unsigned char other_fill = slot->fill;
        slot->block = block;
        slot->size = size;
        slot->fill = fill;
        pthread_mutex_unlock(&slot->lock);
        if (other) {
            if (other[0] != other_fill || other[other_size / 2] != other_fill || other[other_size - 1] != other_fill)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
            if (malloc_usable_size(other) < other_size)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
            free(other);
        }
        if (step % 500 == 0)
            usleep(100);
    }
    return strdup("done");
}

int main(void)
{
    pthread_t threads[N];
    for (int i = 0; i < SLOTS; i++)
        zero(pthread_mutex_init(&slots[i].lock, NULL));
    for (int round = 0; round < ROUNDS; round++) {
        int done = 0;
        for (long i = 0; i < N; i++)
            threads[i] = start(thread, box(i + round * N));
        for (int i = 0; i < N; i++) {
            char *word = join(threads[i]);
            done += strcmp(word, "done") == 0;
            free(word); // allocated on a thread that is no more
        }
        printf("round %d: %d done, %d wrong\n", round, done, wrong);
    }
    for (int i = 0; i < SLOTS; i++)
        free(slots[i].block);
    return 0;
}
