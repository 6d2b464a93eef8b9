// Forty threads that take two mutexes, never both at once, without a rest: many wait at any moment, and none for ever.
#include <pthread.h>
#include <sched.h>

static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

static void *work(void *arg)
{
    for (unsigned n = 0;; n++) {
        pthread_mutex_lock(&locks[n % 2]);
        if (n % 8 == 0)
            sched_yield();
        pthread_mutex_unlock(&locks[n % 2]);
    }
    return arg;
}

int main(void)
{
    pthread_t threads[40];
    for (int i = 0; i < 40; i++)
        pthread_create(&threads[i], 0, work, 0);
    pthread_join(threads[0], 0);
    return 0;
}
