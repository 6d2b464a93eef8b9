// Threads fork while main computes and waits for them, and while main holds a lock that a fork handler needs.
#include "fixture.h"
#include <sys/wait.h>

static volatile int done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *computes(void *arg)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < 40);
    return arg;
}

static void *forks(void *arg)
{
    int status;
    for (int i = 0; i < 3; i++) {
        pid_t child = must(fork());
        if (child == 0)
            _exit(7);
        must(waitpid(child, &status, 0));
        printf("child: %d\n", WEXITSTATUS(status));
    }
    done = 1;
    return arg;
}

static void prepare(void)
{
    zero(pthread_mutex_lock(&lock));
}

static void release(void)
{
    zero(pthread_mutex_unlock(&lock));
}

int main(void)
{
    pthread_t a, b;
    zero(pthread_create(&a, NULL, computes, NULL));
    usleep(1000);
    zero(pthread_create(&b, NULL, forks, NULL));
    while (!done)
        ;
    zero(pthread_join(a, NULL));
    zero(pthread_join(b, NULL));

    zero(pthread_atfork(prepare, release, release));
    zero(pthread_mutex_lock(&lock));
    zero(pthread_create(&b, NULL, forks, NULL));
    usleep(30000);
    zero(pthread_mutex_unlock(&lock));
    zero(pthread_join(b, NULL));
    return 0;
}
