// A robust mutex between ordinary threads and real-time ones: contended, and left behind by one of either kind for the other.
#include "../foreign/native.h"
#include "robust.h"

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
    }
    return NULL;
}

static void *ends_holding(void *unused)
{
    zero(pthread_mutex_lock(&mutex));
    return unused;
}

static void *repairs(void *unused)
{
    printf("left behind: %s", error_name(pthread_mutex_trylock(&mutex)));
    printf(", consistent: %s", error_name(pthread_mutex_consistent(&mutex)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    make_robust(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PROCESS_PRIVATE);
    for (long i = 0; i < N; i++)
        threads[i] = start_either(i, worker, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("counted: %ld\n", counter);
    for (long i = 0; i < 2; i++) {
        join(start_either(i, ends_holding, NULL));
        join(start_either(i + 1, repairs, NULL));
    }
    return 0;
}
