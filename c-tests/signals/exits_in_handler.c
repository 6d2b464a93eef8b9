// A handler that calls pthread_exit ends a thread that waits for a mutex or a condition variable; the others go on.
#include "signals.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static atomic_int waiting;

static void handler(int number)
{
    (void)number;
    pthread_exit(box(7));
}

static void *locks(void *unused)
{
    waiting++;
    zero(pthread_mutex_lock(&mutex));
    zero(pthread_mutex_unlock(&mutex));
    return unused;
}

static void *waits(void *unused)
{
    zero(pthread_mutex_lock(&other));
    waiting++;
    for (;;)
        zero(pthread_cond_wait(&cond, &other));
    return unused;
}

static void ends(const char *what, void *(*function)(void *))
{
    waiting = 0;
    pthread_t thread = start(function, NULL);
    while (!waiting)
        usleep(1000);
    usleep(20000);
    zero(pthread_kill(thread, SIGUSR1));
    printf("%s: %ld\n", what, unbox(join(thread)));
}

int main(void)
{
    must(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler}, NULL));
    zero(pthread_mutex_lock(&mutex));
    for (int i = 0; i < 10; i++)
        ends("a mutex", locks);
    zero(pthread_mutex_unlock(&mutex));
    ends("a condition variable", waits);
    pthread_t thread = start(locks, NULL);
    printf("one that is let: %ld\n", unbox(join(thread)));
    zero(pthread_cond_broadcast(&cond));
    return 0;
}
