// 5,000 detached threads; the last one to finish tells main.
#include "fixture.h"

enum { N = 5000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static long done, sum;

static void *worker(void *arg)
{
    pthread_mutex_lock(&lock);
    sum += unbox(arg);
    if (++done == N)
        pthread_cond_signal(&finished);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    zero(pthread_attr_setstacksize(&attributes, 64 * 1024));
    for (long i = 0; i < N; i++)
        zero(pthread_create(&thread, &attributes, worker, box(i)));
    pthread_mutex_lock(&lock);
    while (done < N)
        pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
    printf("done: %ld, sum: %ld\n", done, sum);
    return 0;
}
