// Threads that only compute, and make no call at all, when Boehm's collector stops the world. Their objects are in their registers.
// (Without the collector's second signal to who takes 100 ms: on a busy machine it loses count of the answers to those, natively too.)
// env: GC_RETRY_SIGNALS=0
// needs: libgc-dev
// link: -lgc
#define _GNU_SOURCE
#define GC_THREADS
#include <gc/gc.h> // first: it makes pthread_create the collector's, in fixture.h too
#include "fixture.h"

enum { THREADS = 4, WORDS = 200, COLLECTIONS = 20 };

static int stop, running;

static void *compute(void *arg)
{
    long number = unbox(arg), wrong = 0;
    long *object = GC_MALLOC_ATOMIC(WORDS * sizeof *object);
    for (int i = 0; i < WORDS; i++)
        object[i] = number;
    __atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        for (int i = 0; i < WORDS; i++)
            wrong += object[i] != number;
    return box(wrong);
}

int main(void)
{
    pthread_t threads[THREADS];
    long wrong = 0;
    GC_INIT();
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(compute, box(i));
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) < THREADS)
        usleep(1000);
    for (int i = 0; i < COLLECTIONS; i++) {
        GC_gcollect();
        for (int k = 0; k < THREADS; k++)
            memset(GC_MALLOC_ATOMIC(WORDS * sizeof(long)), 0xff, WORDS * sizeof(long));
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++)
        wrong += unbox(join(threads[i]));
    printf("words that changed: %ld\n", wrong);
    return 0;
}
