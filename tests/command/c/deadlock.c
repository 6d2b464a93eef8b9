// Two threads in a deadlock over two mutexes, and a third that waits for one of them; main waits for the first.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static void *alpha(void *arg)
{
    pthread_setname_np(pthread_self(), "alpha");
    pthread_mutex_lock(&lock_a);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&lock_b); // alpha waits
    return arg;
}

static void take(pthread_mutex_t *lock)
{
    pthread_mutex_lock(lock); // beta waits
}

static void *beta(void *arg)
{
    pthread_setname_np(pthread_self(), "beta");
    pthread_mutex_lock(&lock_b);
    pthread_barrier_wait(&both);
    take(&lock_a);
    return arg;
}

static void *gamma_(void *arg)
{
    pthread_setname_np(pthread_self(), "gamma");
    pthread_mutex_lock(&lock_a); // gamma waits
    return arg;
}

int main(void)
{
    pthread_t a, b, c;
    pthread_barrier_init(&both, NULL, 3);
    pthread_create(&a, NULL, alpha, NULL);
    pthread_create(&b, NULL, beta, NULL);
    pthread_barrier_wait(&both);
    pthread_create(&c, NULL, gamma_, NULL);
    pthread_join(a, NULL); // main waits
    return 0;
}
