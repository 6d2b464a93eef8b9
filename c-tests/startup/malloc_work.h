// Threads that allocate, pass blocks to each other, and free what others allocated, with waits in between:
// for the fixtures that run with another allocator.
#include "../sockets/net.h"
enum { THREADS = 20, ROUNDS = 300, GENERATIONS = 3 };
static int ring[THREADS][2];

static void *churn(void *arg) {
    long id = (long)arg, wrong = 0;
    char *kept[50] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        size_t size = 16 + (id * 7919 + i * 104729) % (i % 30 == 0 ? 200000 : 3000);
        char *block = i % 3 ? malloc(size) : calloc(1, size), *got;
        memset(block, (int)(id + i) & 0x7f, size);
        snprintf(block, 16, "%ld %d", id, i);
        // To the next thread; from the one before.
        write_all(ring[(id + 1) % THREADS][1], &block, sizeof block);
        read_full(ring[id][0], &got, sizeof got);
        char expected[16];
        snprintf(expected, sizeof expected, "%ld %d", (id + THREADS - 1) % THREADS, i);
        wrong += strcmp(got, expected) != 0;
        free(kept[i % 50]);
        kept[i % 50] = i % 4 ? got : realloc(got, 5000);
    }
    for (int i = 0; i < 50; i++)
        free(kept[i]);
    void *aligned = NULL;
    wrong += posix_memalign(&aligned, 4096, 10000) != 0 || (unsigned long)aligned % 4096 != 0;
    free(aligned);
    return (void *)wrong;
}

static int malloc_work(void) {
    pthread_t threads[THREADS];
    long wrong = 0;
    for (int i = 0; i < THREADS; i++)
        MUST(pipe(ring[i]));
    for (int generation = 0; generation < GENERATIONS; generation++) {
        for (long i = 0; i < THREADS; i++)
            threads[i] = start(churn, (void *)i);
        for (int i = 0; i < THREADS; i++)
            wrong += finish(threads[i]);
    }
    printf("wrong blocks: %ld\n", wrong);
    return 0;
}
