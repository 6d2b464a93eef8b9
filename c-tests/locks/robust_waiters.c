// Threads wait for a robust mutex, each by another call, when its owner ends: one is told, and repairs it for the others.
// (That one gives it up instead is tried with one more who waits: glibc forgets to wake a third.)
#include "robust.h"

enum { WAITERS = 9 };
static pthread_mutex_t mutex;
static int waiters, repair, told, taken, lost;
static struct gate held = GATE_CLOSED, end = GATE_CLOSED;

static void *owner(void *unused)
{
    zero(pthread_mutex_lock(&mutex));
    gate_open(&held);
    gate_wait(&end);
    return unused; // still holding it
}

static void *waiter(void *number)
{
    struct timespec real = in_ms(CLOCK_REALTIME, 30000), monotonic = in_ms(CLOCK_MONOTONIC, 30000);
    int error = unbox(number) % 3 == 0   ? pthread_mutex_lock(&mutex)
                : unbox(number) % 3 == 1 ? pthread_mutex_timedlock(&mutex, &real)
                                         : pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &monotonic);
    switch (error) {
    case EOWNERDEAD:
        told++;
        if (repair)
            zero(pthread_mutex_consistent(&mutex));
        break;
    case 0:
        taken++;
        break;
    case ENOTRECOVERABLE:
        __atomic_add_fetch(&lost, 1, __ATOMIC_SEQ_CST);
        return NULL;
    default:
        printf("lock: %s\n", error_name(error));
        return NULL;
    }
    usleep(500);
    zero(pthread_mutex_unlock(&mutex));
    return NULL;
}

static void *run(void *repairs)
{
    pthread_t threads[WAITERS], owning;
    repair = unbox(repairs);
    waiters = repair ? WAITERS : 2;
    told = taken = lost = held.open = end.open = 0;
    make_robust(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PROCESS_PRIVATE);
    owning = start(owner, NULL);
    gate_wait(&held);
    for (long i = 0; i < waiters; i++)
        threads[i] = start(waiter, box(i));
    let_it_block();
    gate_open(&end);
    join(owning);
    for (int i = 0; i < waiters; i++)
        join(threads[i]);
    printf("told: %d, taken: %d, lost: %d\n", told, taken, lost);
    return NULL;
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        run(box(1));
        run(box(0));
    }
    join(start(run, box(1)));
    join(start(run, box(0)));
    return 0;
}
