// A thread ends holding a robust mutex: the next to lock it, by whatever call, is told, and may repair it or give it up for good.
#include "robust.h"

static pthread_mutex_t mutex;
static struct timespec later;

static int by_lock(void) { return pthread_mutex_lock(&mutex); }
static int by_trylock(void) { return pthread_mutex_trylock(&mutex); }
static int by_timedlock(void) { return pthread_mutex_timedlock(&mutex, &later); }
static int by_clocklock(void) { return pthread_mutex_clocklock(&mutex, CLOCK_REALTIME, &later); }
static const struct { const char *name; int (*lock)(void); } calls[] = {
    {"lock", by_lock}, {"timedlock", by_timedlock}, {"clocklock", by_clocklock}, {"trylock", by_trylock}};
enum { CALLS = sizeof calls / sizeof calls[0] };

static void *ends_holding(void *arg)
{
    zero(pthread_mutex_lock(&mutex));
    if (arg != NULL)
        pthread_exit(arg);
    return arg;
}

// What so many of the calls say, to a thread of its own.
static void *tries(void *count)
{
    for (int i = 0; i < unbox(count); i++) {
        int error = calls[i].lock();
        printf(" %s", error_name(error));
        if (error == 0)
            zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

static void *try_type(void *arg)
{
    int type = unbox(arg);
    for (int i = 0; i < CALLS; i++) {
        make_robust(&mutex, type, PTHREAD_PROCESS_PRIVATE);
        printf(" %s\n  consistent while all is well: %s\n", calls[i].name, error_name(pthread_mutex_consistent(&mutex)));
        join(start(ends_holding, NULL));
        printf("  after a return: %s", error_name(calls[i].lock()));
        printf(", consistent: %s", error_name(pthread_mutex_consistent(&mutex)));
        printf(", again: %s", error_name(pthread_mutex_consistent(&mutex)));
        printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
        printf("  then:");
        join(start(tries, box(CALLS)));
        join(start(ends_holding, box(1)));
        printf("\n  after pthread_exit: %s", error_name(calls[i].lock()));
        printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
        printf("  then:");
        tries(box(CALLS - 1));
        join(start(tries, box(CALLS))); // trylock last, for glibc's leaves a mutex that is given up locked
        printf(", consistent: %s", error_name(pthread_mutex_consistent(&mutex)));
        printf(", destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));
    }
    return NULL;
}

int main(void)
{
    later = in_ms(CLOCK_REALTIME, 30000);
    printf("normal, main\n");
    try_type(box(PTHREAD_MUTEX_NORMAL));
    printf("recursive, main\n");
    try_type(box(PTHREAD_MUTEX_RECURSIVE));
    printf("errorcheck, main\n");
    try_type(box(PTHREAD_MUTEX_ERRORCHECK));
    printf("normal, a thread\n");
    join(start(try_type, box(PTHREAD_MUTEX_NORMAL)));
    printf("errorcheck, a thread\n");
    join(start(try_type, box(PTHREAD_MUTEX_ERRORCHECK)));
    return 0;
}
