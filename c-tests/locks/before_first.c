// Locks of every kind that main took before there was any thread, and gives back when there are some that wait.
#include "fixture.h"
#include <semaphore.h>

static pthread_mutex_t normal = PTHREAD_MUTEX_INITIALIZER, recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static const char *order[4];
static int entered;
static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;

static void *enters(void *arg)
{
    switch (unbox(arg)) {
    case 0:
        zero(pthread_mutex_lock(&normal));
        zero(pthread_mutex_unlock(&normal));
        break;
    case 1:
        zero(pthread_mutex_lock(&recursive));
        zero(pthread_mutex_unlock(&recursive));
        break;
    case 2:
        zero(pthread_rwlock_rdlock(&rwlock));
        zero(pthread_rwlock_unlock(&rwlock));
        break;
    case 3:
        must(sem_wait(&semaphore));
        break;
    }
    static const char *names[] = {"normal", "recursive", "rwlock", "semaphore"};
    pthread_mutex_lock(&order_lock);
    order[entered++] = names[unbox(arg)];
    pthread_mutex_unlock(&order_lock);
    return NULL;
}

int main(void)
{
    pthread_t threads[4];

    zero(pthread_mutex_lock(&normal));
    zero(pthread_mutex_lock(&recursive));
    zero(pthread_mutex_lock(&recursive));
    zero(pthread_rwlock_wrlock(&rwlock));
    must(sem_init(&semaphore, 0, 1));
    must(sem_wait(&semaphore));

    for (long i = 0; i < 4; i++)
        threads[i] = start(enters, box(i));
    let_it_block();
    zero(pthread_mutex_unlock(&recursive)); // once more to go
    let_it_block();
    pthread_mutex_lock(&order_lock);
    printf("entered so far: %d\n", entered);
    pthread_mutex_unlock(&order_lock);

    must(sem_post(&semaphore)); // one after the other, so that the order is known
    join(threads[3]);
    zero(pthread_rwlock_unlock(&rwlock));
    join(threads[2]);
    zero(pthread_mutex_unlock(&recursive));
    join(threads[1]);
    zero(pthread_mutex_unlock(&normal));
    join(threads[0]);
    for (int i = 0; i < 4; i++)
        printf("%s\n", order[i]);
    return 0;
}
