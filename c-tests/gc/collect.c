// Boehm's collector stops each thread by a signal and looks for pointers on its stack: hundreds of threads build lists that only their
// own stacks hold, while all of them, main too, have it collect.
// (Without the collector's second signal to who takes 100 ms: on a busy machine it loses count of the answers to those, natively too.)
// env: GC_RETRY_SIGNALS=0
// needs: libgc-dev
// link: -lgc
#define _GNU_SOURCE
#define GC_THREADS
#include <gc/gc.h> // first: it makes pthread_create the collector's, in fixture.h too
#include "fixture.h"

enum { THREADS = 200, NODES = 300, ROUNDS = 3 };

struct node {
    struct node *next;
    long value;
};

// A list of NODES numbers, with as much garbage between them.
static struct node *build(long seed)
{
    struct node *list = NULL;
    for (long i = 0; i < NODES; i++) {
        struct node *node = GC_MALLOC(sizeof *node);
        node->next = list;
        node->value = seed + i;
        list = node;
        memset(GC_MALLOC_ATOMIC(64), 0xff, 64);
    }
    return list;
}

static long sum(const struct node *list)
{
    long sum = 0;
    for (; list; list = list->next)
        sum += list->value;
    return sum;
}

static void *work(void *arg)
{
    long seed = unbox(arg), wrong = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct node *list = build(seed);
        if (seed % 50 == 0)
            GC_gcollect();
        sched_yield();
        wrong += sum(list) != NODES * seed + NODES * (NODES - 1) / 2;
    }
    return box(wrong);
}

int main(void)
{
    pthread_t threads[THREADS];
    long wrong = 0;
    GC_INIT();
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(work, box(i));
    GC_gcollect();
    for (int i = 0; i < THREADS; i++)
        wrong += unbox(join(threads[i]));
    printf("lists that changed: %ld\n", wrong);
    printf("it collected: %s\n", yes(GC_get_gc_no() >= ROUNDS * THREADS / 50));
    return 0;
}
