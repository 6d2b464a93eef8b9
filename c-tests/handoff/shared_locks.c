// Threads of one process use what is made for several: a shared mutex, condition and barrier. They wait for each other there.
#include "hog.h"

enum { THREADS = 4, ROUNDS = 5 };
static pthread_mutex_t lock;
static pthread_cond_t changed;
static pthread_barrier_t barrier;
static long turn, serial;

static void *worker(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_mutex_lock(&lock);
        while (turn % THREADS != unbox(arg))
            pthread_cond_wait(&changed, &lock);
        turn++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        int last = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
        __atomic_add_fetch(&serial, last, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

int main(void)
{
    pthread_mutexattr_t mutex_kind;
    pthread_condattr_t cond_kind;
    pthread_barrierattr_t barrier_kind;
    pthread_t threads[THREADS];

    zero(pthread_mutexattr_init(&mutex_kind));
    zero(pthread_mutexattr_setpshared(&mutex_kind, PTHREAD_PROCESS_SHARED));
    zero(pthread_mutex_init(&lock, &mutex_kind));
    zero(pthread_condattr_init(&cond_kind));
    zero(pthread_condattr_setpshared(&cond_kind, PTHREAD_PROCESS_SHARED));
    zero(pthread_cond_init(&changed, &cond_kind));
    zero(pthread_barrierattr_init(&barrier_kind));
    zero(pthread_barrierattr_setpshared(&barrier_kind, PTHREAD_PROCESS_SHARED));
    zero(pthread_barrier_init(&barrier, &barrier_kind, THREADS));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    printf("turns: %ld, barriers: %ld\n", turn, serial);
    return 0;
}
