// Threads wait for a robust mutex while who holds it sleeps, computes, or waits for another thread's byte.
#include "hog.h"

enum { THREADS = 3, EACH = 4 };
static pthread_mutex_t lock;
static int ends[2];
static long counted;

static void *worker(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        zero(pthread_mutex_lock(&lock));
        long was = counted;
        if (unbox(arg) == 0)
            usleep(3000);
        else if (unbox(arg) == 1)
            hog_ms(12);
        else
            talk(ends[0], 5);
        counted = was + 1;
        zero(pthread_mutex_unlock(&lock));
    }
    return arg;
}

int main(void)
{
    pthread_mutexattr_t kind;
    pthread_t threads[THREADS];
    stream_pair(ends);
    zero(pthread_mutexattr_init(&kind));
    zero(pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST));
    zero(pthread_mutex_init(&lock, &kind));
    pthread_t echoing = start(echo, box(ends[1]));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    must(shutdown(ends[0], SHUT_WR));
    printf("counted: %ld, echoed: %ld\n", counted, unbox(join(echoing)));
    return 0;
}
