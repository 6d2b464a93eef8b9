// Robust mutexes of each type while everybody lives: whom they let in, and what they say to the rest.
#include "robust.h"

static pthread_mutex_t mutex;

static const char *result(int error)
{
    if (error == 0)
        zero(pthread_mutex_unlock(&mutex));
    return error_name(error);
}

static void *tries(void *unused)
{
    struct timespec past = {1, 0}, soon = in_ms(CLOCK_REALTIME, 15), bad = {1, 1000000000};
    double since = now_ms();
    printf("  trylock: %s", result(pthread_mutex_trylock(&mutex)));
    printf(", timedlock: %s", result(pthread_mutex_timedlock(&mutex, &soon)));
    printf(", waited: %s", yes(now_ms() - since >= 14));
    printf(", past: %s", result(pthread_mutex_timedlock(&mutex, &past)));
    printf(", bad time: %s", result(pthread_mutex_timedlock(&mutex, &bad)));
    printf(", bad clock: %s\n", result(pthread_mutex_clocklock(&mutex, CLOCK_BOOTTIME, &past)));
    return unused;
}

static void *unlocks(void *unused)
{
    printf("  unlock by another: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    return unused;
}

static void *try_all(void *unused)
{
    static const struct { const char *name; int type; } kinds[] = {
        {"normal", PTHREAD_MUTEX_NORMAL}, {"recursive", PTHREAD_MUTEX_RECURSIVE}, {"errorcheck", PTHREAD_MUTEX_ERRORCHECK}};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        make_robust(&mutex, kinds[kind].type, PTHREAD_PROCESS_PRIVATE);
        printf("%s, free: unlock: %s\n", kinds[kind].name, error_name(pthread_mutex_unlock(&mutex)));
        tries(NULL);
        printf(" mine: lock: %s\n", error_name(pthread_mutex_lock(&mutex)));
        usleep(500); // ownership survives a wait
        tries(NULL);
        if (kinds[kind].type != PTHREAD_MUTEX_NORMAL)
            printf("  lock again: %s\n", result(pthread_mutex_lock(&mutex)));
        printf(" another's\n");
        join(start(tries, NULL));
        join(start(unlocks, NULL));
        printf("  unlock: %s", error_name(pthread_mutex_unlock(&mutex)));
        printf(", destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));
    }
    return unused;
}

int main(void)
{
    join(start(try_all, NULL));
    try_all(NULL);
    return 0;
}
