// Threads without names: fifty that sleep alike, and one each that waits for a read-write lock, a stream, and a mutex whose owner has
// ended.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_rwlock_t data = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;

static void *serve_client(void *arg)
{
    sleep(1000); // a client's thread sleeps
    return arg;
}

static void *writes(void *arg)
{
    pthread_rwlock_wrlock(&data);
    return arg;
}

static void *prints(void *arg)
{
    puts("never");
    return arg;
}

static void *takes(void *arg)
{
    pthread_mutex_lock(&left); // the mutex is taken
    return arg;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, takes, NULL);
    pthread_join(thread, NULL);
    pthread_rwlock_rdlock(&data);
    flockfile(stdout);
    pthread_create(&thread, NULL, writes, NULL);
    pthread_create(&thread, NULL, prints, NULL);
    pthread_create(&thread, NULL, takes, NULL);
    for (int i = 0; i < 50; i++)
        pthread_create(&thread, NULL, serve_client, NULL);
    pthread_join(thread, NULL);
    return 0;
}
