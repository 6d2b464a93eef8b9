// exit: 9
// main returns while others are blocked in every way there is: the process ends all the same.
#include "fixture.h"

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int fds[2];

static void *in_read(void *arg)
{
    char byte;
    must(read(fds[0], &byte, 1));
    return arg;
}

static void *in_mutex(void *arg)
{
    pthread_mutex_lock(&held);
    return arg;
}

static void *in_cond(void *arg)
{
    pthread_mutex_lock(&lock);
    for (;;)
        pthread_cond_wait(&never, &lock);
    return arg;
}

static void *in_sleep(void *arg)
{
    sleep(1000);
    return arg;
}

static void handler(void)
{
    printf("handler\n");
}

int main(void)
{
    must(pipe(fds));
    pthread_mutex_lock(&held);
    atexit(handler);
    for (int i = 0; i < 25; i++) {
        start(in_read, NULL);
        start(in_mutex, NULL);
        start(in_cond, NULL);
        start(in_sleep, NULL);
    }
    let_it_block();
    printf("main returns\n");
    return 9;
}
