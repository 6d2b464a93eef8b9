// No cancellation points: mutexes in all forms, rwlocks, barriers, spin locks. A thread that is cancelled there gets what it waits for,
// goes on, and ends at the next point.
#include "fixture.h"
#include <semaphore.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t semaphore;

static void lock(void) { zero(pthread_mutex_lock(&mutex)); }
static void unlock(void) { zero(pthread_mutex_unlock(&mutex)); }

static void timedlock(void)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 30000);
    zero(pthread_mutex_timedlock(&mutex, &when));
}

static void clocklock(void)
{
    struct timespec when = in_ms(CLOCK_MONOTONIC, 30000);
    zero(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &when));
}

static void hold_rwlock(void) { zero(pthread_rwlock_wrlock(&rwlock)); }
static void let_rwlock(void) { zero(pthread_rwlock_unlock(&rwlock)); }
static void rdlock(void) { zero(pthread_rwlock_rdlock(&rwlock)); }
static void wrlock(void) { zero(pthread_rwlock_wrlock(&rwlock)); }

static void nothing(void) { }
static void arrive(void) { pthread_barrier_wait(&barrier); }

static void hold_spin(void) { zero(pthread_spin_lock(&spin)); }
static void let_spin(void) { zero(pthread_spin_unlock(&spin)); }

// Calls that don't wait, and are no points either.
static void others(void)
{
    int value;
    arrive();
    zero(pthread_mutex_lock(&mutex));
    zero(pthread_mutex_unlock(&mutex));
    must(sem_post(&semaphore));
    must(sem_trywait(&semaphore));
    must(sem_getvalue(&semaphore, &value));
    sched_yield();
    zero(pthread_setname_np(pthread_self(), "other"));
}

struct test {
    const char *name;
    void (*hold)(void), (*wait)(void), (*let)(void), (*after)(void);
};

static void *runs(void *arg)
{
    const struct test *test = arg;
    test->wait();
    printf("  got it\n");
    test->after();
    pthread_testcancel();
    printf("  never\n");
    return NULL;
}

int main(void)
{
    static const struct test tests[] = {
        {"mutex_lock", lock, lock, unlock, unlock},
        {"mutex_timedlock", lock, timedlock, unlock, unlock},
        {"mutex_clocklock", lock, clocklock, unlock, unlock},
        {"rwlock_rdlock", hold_rwlock, rdlock, let_rwlock, let_rwlock},
        {"rwlock_wrlock", hold_rwlock, wrlock, let_rwlock, let_rwlock},
        {"barrier_wait", nothing, arrive, arrive, nothing},
        {"spin_lock", hold_spin, hold_spin, let_spin, let_spin},
        {"others", nothing, others, arrive, nothing},
    };
    zero(pthread_barrier_init(&barrier, NULL, 2));
    zero(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE));
    must(sem_init(&semaphore, 0, 0));
    for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++)
        for (int early = 0; early < 2; early++) {
            printf("%s%s\n", tests[i].name, early ? ", cancelled early" : "");
            tests[i].hold();
            pthread_t thread = start(runs, (void *)&tests[i]);
            if (!early)
                usleep(3000);
            zero(pthread_cancel(thread));
            usleep(3000);
            tests[i].let();
            printf("  cancelled: %s\n", yes(join(thread) == PTHREAD_CANCELED));
        }
    return 0;
}
