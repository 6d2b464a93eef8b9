// What condition variables and their attributes refuse, and that a wait which fails leaves the mutex as it was.
#include "fixture.h"

static pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static const char *held(void)
{
    return pthread_mutex_trylock(&mutex) == EBUSY && pthread_mutex_lock(&mutex) == EDEADLK ? "held" : "not held";
}

static void *attributes(void *unused)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID, -1, 1234};
    pthread_condattr_t attributes;
    clockid_t clock;
    int shared;
    zero(pthread_condattr_init(&attributes));
    zero(pthread_condattr_getclock(&attributes, &clock));
    zero(pthread_condattr_getpshared(&attributes, &shared));
    printf("default: realtime: %s, private: %s\n", yes(clock == CLOCK_REALTIME), yes(shared == PTHREAD_PROCESS_PRIVATE));
    printf("clocks:");
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        printf(" %s", error_name(pthread_condattr_setclock(&attributes, clocks[i])));
    printf(", shared: %s\n", error_name(pthread_condattr_setpshared(&attributes, 77)));
    zero(pthread_condattr_destroy(&attributes));
    return unused;
}

static void *waits(void *unused)
{
    static const struct timespec past = {1, 0}, before_all = {-1, 0}, wrong[] = {{1, -1}, {1, 1000000000}};
    printf("mutex not held: wait: %s", error_name(pthread_cond_wait(&cond, &mutex)));
    printf(", timedwait: %s", error_name(pthread_cond_timedwait(&cond, &mutex, &past)));
    printf(", clockwait: %s", error_name(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &past)));
    printf(", wrong time: %s\n", error_name(pthread_cond_timedwait(&cond, &mutex, &wrong[0])));
    zero(pthread_mutex_lock(&mutex));
    printf("past: %s", error_name(pthread_cond_timedwait(&cond, &mutex, &past)));
    printf(", %s; before the epoch: %s", held(), error_name(pthread_cond_timedwait(&cond, &mutex, &before_all)));
    printf(", %s; clockwait: %s", held(), error_name(pthread_cond_clockwait(&cond, &mutex, CLOCK_REALTIME, &past)));
    printf(" %s", error_name(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &before_all)));
    printf(", %s\n", held());
    for (int i = 0; i < 2; i++) {
        printf("wrong time %d: %s", i, error_name(pthread_cond_timedwait(&cond, &mutex, &wrong[i])));
        printf(" %s", error_name(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &wrong[i])));
        printf(", %s\n", held());
    }
    printf("other clocks: %s", error_name(pthread_cond_clockwait(&cond, &mutex, CLOCK_BOOTTIME, &past)));
    printf(" %s, %s\n", error_name(pthread_cond_clockwait(&cond, &mutex, -1, &past)), held());
    zero(pthread_mutex_unlock(&mutex));
    return unused;
}

static void *locks(void *unused)
{
    zero(pthread_mutex_lock(&mutex));
    return unused;
}

// Held by a thread that is gone: not by us.
static void *waits_for_anothers(void *unused)
{
    struct timespec past = {1, 0};
    printf("another's mutex: wait: %s", error_name(pthread_cond_wait(&cond, &mutex)));
    printf(", timedwait: %s\n", error_name(pthread_cond_timedwait(&cond, &mutex, &past)));
    return unused;
}

static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void *tries(void *unused)
{
    (void)unused;
    return box(pthread_mutex_trylock(&recursive));
}

// A wait gives up one of two locks only: the mutex stays held.
static void *waits_recursively(void *unused)
{
    struct timespec soon = in_ms(CLOCK_REALTIME, 20);
    zero(pthread_mutex_lock(&recursive));
    zero(pthread_mutex_lock(&recursive));
    printf("recursive: %s", error_name(pthread_cond_timedwait(&cond, &recursive, &soon)));
    zero(pthread_mutex_unlock(&recursive));
    printf(", unlocked once: %s", error_name(unbox(join(start(tries, NULL)))));
    zero(pthread_mutex_unlock(&recursive));
    printf(", and again: %s\n", error_name(pthread_mutex_unlock(&recursive)));
    return unused;
}

int main(void)
{
    join(start(attributes, NULL));
    join(start(waits, NULL));
    waits(NULL);
    join(start(waits_recursively, NULL));
    waits_recursively(NULL);
    join(start(locks, NULL));
    join(start(waits_for_anothers, NULL));
    waits_for_anothers(NULL);
    return 0;
}
