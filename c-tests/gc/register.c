// Threads that Boehm's collector did not see begin: they register themselves, twice in vain, allocate, and unregister.
// (Without the collector's second signal to who takes 100 ms: on a busy machine it loses count of the answers to those, natively too.)
// env: GC_RETRY_SIGNALS=0
// needs: libgc-dev
// link: -lgc
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include "fixture.h"
#include <gc/gc.h>

enum { THREADS = 40, WORDS = 300 };

static void *work(void *arg)
{
    struct GC_stack_base base;
    long number = unbox(arg), wrong = 0;
    if (GC_thread_is_registered())
        return box(1000);
    if (GC_get_stack_base(&base) != GC_SUCCESS || GC_register_my_thread(&base) != GC_SUCCESS)
        return box(2000);
    if (GC_register_my_thread(&base) != GC_DUPLICATE || !GC_thread_is_registered())
        return box(3000);
    if ((char *)base.mem_base < (char *)&base)
        return box(4000);
    for (int round = 0; round < 3; round++) {
        long *object = GC_MALLOC_ATOMIC(WORDS * sizeof *object);
        for (int i = 0; i < WORDS; i++)
            object[i] = number;
        if (number % 10 == 0)
            GC_gcollect();
        usleep(1000);
        for (int i = 0; i < WORDS; i++)
            wrong += object[i] != number;
    }
    if (GC_unregister_my_thread() != GC_SUCCESS || GC_thread_is_registered())
        return box(5000);
    return box(wrong);
}

int main(void)
{
    pthread_t threads[THREADS];
    long wrong = 0;
    GC_INIT();
    GC_allow_register_threads();
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(work, box(i));
    for (int i = 0; i < 5; i++) {
        GC_gcollect();
        memset(GC_MALLOC_ATOMIC(WORDS * sizeof(long)), 0xff, WORDS * sizeof(long));
        usleep(500);
    }
    for (int i = 0; i < THREADS; i++)
        wrong += unbox(join(threads[i]));
    printf("wrong: %ld\n", wrong);
    return 0;
}
