// Threads that wait for a condition or in a read when Boehm's collector runs. Only their stacks know their objects.
// (Without the collector's second signal to who takes 100 ms: on a busy machine it loses count of the answers to those, natively too.)
// env: GC_RETRY_SIGNALS=0
// needs: libgc-dev
// link: -lgc
#define _GNU_SOURCE
#define GC_THREADS
#include <gc/gc.h> // first: it makes pthread_create the collector's, in fixture.h too
#include "fixture.h"

enum { THREADS = 60, WORDS = 500, COLLECTIONS = 5 };

static struct gate gate = GATE_CLOSED;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready, ends[2];

static void say_ready(void)
{
    pthread_mutex_lock(&lock);
    ready++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void *holds(void *arg)
{
    long number = unbox(arg), wrong = 0;
    char byte;
    long *object = GC_MALLOC_ATOMIC(WORDS * sizeof *object);
    for (int i = 0; i < WORDS; i++)
        object[i] = number;
    say_ready();
    if (number % 2 == 0)
        gate_wait(&gate);
    else
        read_all(ends[0], &byte, 1);
    for (int i = 0; i < WORDS; i++)
        wrong += object[i] != number;
    return box(wrong);
}

int main(void)
{
    pthread_t threads[THREADS];
    char bytes[THREADS / 2] = {0};
    long wrong = 0;
    GC_INIT();
    must(pipe(ends));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(holds, box(i));
    pthread_mutex_lock(&lock);
    while (ready < THREADS)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    let_it_block();

    for (int i = 0; i < COLLECTIONS; i++) {
        GC_gcollect();
        // What was freed in error is given out again, and overwritten.
        for (int k = 0; k < THREADS; k++)
            memset(GC_MALLOC_ATOMIC(WORDS * sizeof(long)), 0xff, WORDS * sizeof(long));
    }
    gate_open(&gate);
    write_all(ends[1], bytes, sizeof bytes);
    for (int i = 0; i < THREADS; i++)
        wrong += unbox(join(threads[i]));
    printf("words that changed: %ld\n", wrong);
    return 0;
}
