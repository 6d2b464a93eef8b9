// Real-time threads, which stay native, and ordinary ones meet at a barrier, share a read-write lock, and wake each other by
// semaphores in a ring.
#include "native.h"
#include <semaphore.h>

enum { THREADS = 6, ROUNDS = 20, LAPS = 30 };
static pthread_barrier_t barrier;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t turn[THREADS];
static long first, second, torn, serial, arrived[ROUNDS], early, laps;

static void *run(void *arg)
{
    long number = unbox(arg);
    for (int round = 0; round < ROUNDS; round++) {
        __atomic_add_fetch(&arrived[round], 1, __ATOMIC_SEQ_CST);
        int last = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
        __atomic_add_fetch(&serial, last, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&arrived[round], __ATOMIC_SEQ_CST) != THREADS)
            __atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
        if ((round + number) % 3 == 0) {
            pthread_rwlock_wrlock(&lock);
            first++;
            sched_yield();
            second++;
        } else {
            pthread_rwlock_rdlock(&lock);
            if (first != second)
                __atomic_add_fetch(&torn, 1, __ATOMIC_SEQ_CST);
        }
        pthread_rwlock_unlock(&lock);
    }
    for (int lap = 0; lap < LAPS; lap++) {
        must(sem_wait(&turn[number]));
        laps++;
        must(sem_post(&turn[(number + 1) % THREADS]));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    zero(pthread_barrier_init(&barrier, NULL, THREADS));
    for (int i = 0; i < THREADS; i++)
        must(sem_init(&turn[i], 0, i == 0));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start_either(i, run, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    printf("serial threads: %ld; early: %ld\n", serial, early);
    printf("writes: %ld %ld; torn reads: %ld\n", first, second, torn);
    printf("turns in the ring: %ld\n", laps);
    return 0;
}
