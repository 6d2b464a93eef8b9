// Destroying locks, in use and free, and making them anew in the same memory.
#include "fixture.h"
#include <semaphore.h>

static pthread_mutex_t lock;

static void *contends(void *arg)
{
    zero(pthread_mutex_lock(&lock));
    zero(pthread_mutex_unlock(&lock));
    return arg;
}

static void *round_trip(void *arg)
{
    for (int i = 0; i < 3; i++) {
        zero(pthread_mutex_init(&lock, NULL));
        zero(pthread_mutex_lock(&lock));
        printf("destroy of a locked mutex: %s\n", error_name(pthread_mutex_destroy(&lock)));
        pthread_t thread = start(contends, NULL);
        usleep(1000);
        printf("and with a thread that may wait: %s\n", error_name(pthread_mutex_destroy(&lock)));
        zero(pthread_mutex_unlock(&lock));
        join(thread);
        printf("destroy of a free one: %s\n", error_name(pthread_mutex_destroy(&lock)));
        printf("lock of a destroyed one: %s\n", error_name(pthread_mutex_lock(&lock)));
    }
    return arg;
}

int main(void)
{
    pthread_cond_t cond;
    pthread_rwlock_t rwlock;
    sem_t semaphore;
    join(start(round_trip, NULL));
    round_trip(NULL);
    zero(pthread_cond_init(&cond, NULL));
    printf("cond: %s\n", error_name(pthread_cond_destroy(&cond)));
    zero(pthread_rwlock_init(&rwlock, NULL));
    printf("rwlock: %s\n", error_name(pthread_rwlock_destroy(&rwlock)));
    must(sem_init(&semaphore, 0, 3));
    printf("semaphore: %s\n", answer(sem_destroy(&semaphore)));
    return 0;
}
