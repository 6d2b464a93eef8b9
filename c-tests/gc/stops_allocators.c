// A collector stops threads that allocate, in handlers that wait, and others that create threads, which allocates too: who waits for
// malloc's lock answers all the same.
// env: MALLOC_ARENA_MAX=1
#define _GNU_SOURCE
#include "still.h"

enum { ALLOCATORS = 3, CREATORS = 2, STOPPED = ALLOCATORS + CREATORS, ROUNDS = 150, BATCH = 20 };

static pthread_t threads[STOPPED];
static int done;
static struct gate gate = GATE_CLOSED;

static void *allocate(void *arg)
{
    void *kept[64] = {0};
    gate_wait(&gate);
    for (unsigned i = 0; !__atomic_load_n(&done, __ATOMIC_ACQUIRE); i++) {
        free(kept[i % 64]);
        kept[i % 64] = malloc(2000 + i % 7 * 1000);
        if (i % 64 == 0)
            sched_yield();
    }
    for (int i = 0; i < 64; i++)
        free(kept[i]);
    return arg;
}

static void *nothing(void *arg)
{
    return arg;
}

static void *create(void *arg)
{
    sigset_t set;
    pthread_attr_t attributes;
    sigemptyset(&set);
    sigaddset(&set, SIGPWR);
    zero(pthread_attr_init(&attributes));
    gate_wait(&gate);
    zero(pthread_attr_setsigmask_np(&attributes, &set));
    for (size_t size = 64 << 10; !__atomic_load_n(&done, __ATOMIC_ACQUIRE); size = 64 << 10 | (size + 4096) % (64 << 10)) {
        pthread_t made[BATCH];
        zero(pthread_attr_setstacksize(&attributes, size));
        for (int i = 0; i < BATCH; i++)
            zero(pthread_create(&made[i], &attributes, nothing, NULL));
        for (int i = 0; i < BATCH; i++)
            join(made[i]);
    }
    return arg;
}

int main(void)
{
    stops_by(SIGPWR);
    for (int i = 0; i < STOPPED; i++)
        threads[i] = start(i < ALLOCATORS ? allocate : create, NULL);
    zero(pthread_kill(threads[0], SIGXCPU)); // the first signal comes before they allocate
    gate_open(&gate);
    for (int i = 0; i < ROUNDS; i++) {
        for (int n = 0; n < STOPPED; n++)
            zero(pthread_kill(threads[n], SIGPWR));
        for (int n = 0; n < STOPPED; n++)
            must(sem_wait(&stands));
        go_on(threads, STOPPED);
        usleep(500);
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < STOPPED; i++)
        join(threads[i]);
    printf("they stood still %ld times\n", turn);
    return 0;
}
