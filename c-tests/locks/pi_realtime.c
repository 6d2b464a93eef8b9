// Ordinary threads and real-time ones, for whom it is made, contend for a priority-inheriting mutex; who holds it sleeps now and
// then.
#include "../foreign/native.h"

enum { N = 6, STEPS = 30 };
static pthread_mutex_t mutex;
static long counter;

static void *worker(void *arg)
{
    for (int step = 0; step < STEPS; step++) {
        zero(pthread_mutex_lock(&mutex));
        long before = counter;
        if ((step + unbox(arg)) % 4 == 0)
            usleep(300);
        counter = before + 1;
        zero(pthread_mutex_unlock(&mutex));
        if (step % 8 == 0)
            usleep(100);
    }
    return NULL;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t threads[N];
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    zero(pthread_mutex_init(&mutex, &attributes));
    for (long i = 0; i < N; i++)
        threads[i] = start_either(i, worker, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("counted: %ld, destroy: %s\n", counter, error_name(pthread_mutex_destroy(&mutex)));
    return 0;
}
