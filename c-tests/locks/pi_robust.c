// A mutex that is robust and inherits priorities: contended, and left behind by a thread that ends, with nobody waiting.
#include "fixture.h"

enum { N = 6, STEPS = 20 };
static pthread_mutex_t mutex;
static long counter;

static void *worker(void *arg)
{
    for (int step = 0; step < STEPS; step++) {
        zero(pthread_mutex_lock(&mutex));
        long before = counter;
        if (step % N == unbox(arg))
            usleep(500);
        counter = before + 1;
        zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

static void *owner(void *unused)
{
    zero(pthread_mutex_lock(&mutex));
    return unused;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t threads[N];
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    zero(pthread_mutex_init(&mutex, &attributes));

    for (long i = 0; i < N; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("counted: %ld\n", counter);

    join(start(owner, NULL));
    printf("left behind: %s", error_name(pthread_mutex_trylock(&mutex)));
    printf(", consistent: %s", error_name(pthread_mutex_consistent(&mutex)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    return 0;
}
