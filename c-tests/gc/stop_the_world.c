// How collectors stop the world: a signal to each thread, whose handler says that it's there and waits in sigsuspend for another signal.
// The threads wait for a semaphore or a condition, compute, yield, sleep, read; main is stopped too, by a thread.
#include "fixture.h"
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

enum { EACH = 8, KINDS = 6, THREADS = EACH * KINDS, STOPS = 10 };

static sem_t here, never;
static struct gate gate = GATE_CLOSED;
static int epoch, stopped, quit, ends[2];
static _Atomic long steps;
static sigset_t all_but_restart;

static void suspend(int number)
{
    int error = errno, mine = __atomic_load_n(&epoch, __ATOMIC_ACQUIRE);
    (void)number;
    __atomic_add_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
    sem_post(&here);
    while (__atomic_load_n(&epoch, __ATOMIC_ACQUIRE) == mine)
        sigsuspend(&all_but_restart);
    __atomic_sub_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
    sem_post(&here);
    errno = error;
}

static void restart(int number)
{
    (void)number;
}

static int go_on(void)
{
    steps++;
    return !__atomic_load_n(&quit, __ATOMIC_ACQUIRE);
}

static void *work(void *arg)
{
    struct timespec little = {0, 100000};
    char byte;
    switch (unbox(arg) % KINDS) {
    case 0:
        must(sem_wait(&never));
        break;
    case 1:
        gate_wait(&gate);
        break;
    case 2:
        while (go_on()) {
        }
        break;
    case 3:
        while (go_on())
            sched_yield();
        break;
    case 4:
        while (go_on())
            nanosleep(&little, NULL);
        break;
    case 5:
        read_all(ends[0], &byte, 1);
        break;
    }
    return NULL;
}

// Tells all of them, and waits until each has been in its handler.
static void tell(const pthread_t *threads, int count, int number)
{
    for (int i = 0; i < count; i++)
        zero(pthread_kill(threads[i], number));
    for (int i = 0; i < count; i++)
        while (sem_wait(&here) != 0) {
        }
}

static void *collect(void *arg)
{
    const pthread_t *threads = arg;
    int missing = 0, moved = 0, left = 0;
    for (int i = 0; i < STOPS; i++) {
        tell(threads, THREADS + 1, SIGPWR);
        missing += stopped != THREADS + 1;
        long before = steps;
        let_it_block();
        moved += steps != before;
        __atomic_add_fetch(&epoch, 1, __ATOMIC_RELEASE);
        tell(threads, THREADS + 1, SIGXCPU);
        left += stopped != 0;
    }
    printf("missing %d, moved %d, left behind %d\n", missing, moved, left);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS + 1];
    struct sigaction action = {.sa_handler = suspend, .sa_flags = SA_RESTART};
    zero(sem_init(&here, 0, 0));
    zero(sem_init(&never, 0, 0));
    must(pipe(ends));
    sigfillset(&action.sa_mask);
    must(sigaction(SIGPWR, &action, NULL));
    action.sa_handler = restart;
    must(sigaction(SIGXCPU, &action, NULL));
    sigfillset(&all_but_restart);
    sigdelset(&all_but_restart, SIGXCPU);

    for (int i = 0; i < THREADS; i++)
        threads[i] = start(work, box(i));
    threads[THREADS] = pthread_self();
    join(start(collect, threads));

    __atomic_store_n(&quit, 1, __ATOMIC_RELEASE);
    gate_open(&gate);
    for (int i = 0; i < EACH; i++) {
        sem_post(&never);
        write_all(ends[1], "", 1);
    }
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    return 0;
}
