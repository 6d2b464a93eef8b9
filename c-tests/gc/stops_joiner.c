// A thread sends others signals with pthread_kill while they join or stand before a barrier: each handler runs, however close the
// signal comes to the beginning of the wait, and the wait goes on.
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>

enum { TIMES = 300 };

static sem_t handled, may_end;
static pthread_barrier_t barrier;
static pthread_t joiner, waiter;
static int elsewhere;

static void handler(int number)
{
    pthread_t self = pthread_self();
    if (!pthread_equal(self, number == SIGUSR1 ? joiner : waiter))
        elsewhere++;
    sem_post(&handled);
}

static void *ends_later(void *unused)
{
    must(sem_wait(&may_end));
    return unused;
}

static void *joins(void *thread)
{
    join(*(pthread_t *)thread);
    return NULL;
}

static void *meets(void *unused)
{
    pthread_barrier_wait(&barrier);
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    zero(sem_init(&handled, 0, 0));
    zero(sem_init(&may_end, 0, 0));
    zero(pthread_barrier_init(&barrier, NULL, 2));
    must(sigaction(SIGUSR1, &action, NULL));
    must(sigaction(SIGUSR2, &action, NULL));
    pthread_t last = start(ends_later, NULL);
    joiner = start(joins, &last);
    waiter = start(meets, NULL);
    for (int i = 0; i < TIMES; i++) {
        zero(pthread_kill(joiner, SIGUSR1));
        zero(pthread_kill(waiter, SIGUSR2));
        must(sem_wait(&handled));
        must(sem_wait(&handled));
    }
    must(sem_post(&may_end));
    pthread_barrier_wait(&barrier);
    join(joiner);
    join(waiter);
    printf("on another thread: %d\n", elsewhere);
    return 0;
}
