// A server that hangs: two threads take two locks in opposite order.
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t accounts = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

static void transfer(void)
{
    pthread_mutex_lock(&accounts);
    usleep(1000);
    pthread_mutex_lock(&journal);
    pthread_mutex_unlock(&journal);
    pthread_mutex_unlock(&accounts);
}

static void report(void)
{
    pthread_mutex_lock(&journal);
    usleep(1000);
    pthread_mutex_lock(&accounts);
    pthread_mutex_unlock(&accounts);
    pthread_mutex_unlock(&journal);
}

static void *teller(void *unused)
{
    for (;;)
        transfer();
    return unused;
}

static void *auditor(void *unused)
{
    for (;;)
        report();
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, teller, NULL);
    pthread_setname_np(threads[0], "teller");
    pthread_create(&threads[1], NULL, auditor, NULL);
    pthread_setname_np(threads[1], "auditor");
    pthread_join(threads[0], NULL);
    return 0;
}
