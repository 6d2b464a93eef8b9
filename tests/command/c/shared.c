// Two threads in a deadlock over mutexes that other processes may share: those are looked after every few milliseconds.
#define _GNU_SOURCE
#include <pthread.h>

static pthread_mutex_t locks[2];
static pthread_barrier_t both;

static void *take(void *first)
{
    pthread_mutex_t *mine = first, *other = mine == locks ? locks + 1 : locks;
    pthread_setname_np(pthread_self(), mine == locks ? "one" : "other");
    pthread_mutex_lock(mine);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(other);
    return first;
}

int main(void)
{
    pthread_mutexattr_t shared;
    pthread_t threads[2];
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        pthread_mutex_init(&locks[i], &shared);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, take, &locks[i]);
    pthread_join(threads[0], NULL);
    return 0;
}
