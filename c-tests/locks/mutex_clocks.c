// timedlock and clocklock of mutexes of each type: free, held by another thread, held by oneself. A wrong time matters only to
// one who must wait, a wrong clock always.
#include "fixture.h"

enum { TIMED, REALTIME, MONOTONIC, FORMS };
static const char *const forms[] = {"timedlock", "clocklock realtime", "clocklock monotonic"};
static pthread_mutex_t mutex;

static int lock(int form, const struct timespec *until)
{
    return form == TIMED ? pthread_mutex_timedlock(&mutex, until)
                         : pthread_mutex_clocklock(&mutex, form == REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, until);
}

// Gives the mutex back if it was taken.
static const char *result(int error)
{
    if (error == 0)
        zero(pthread_mutex_unlock(&mutex));
    return error_name(error);
}

static void *tries(void *state)
{
    static const struct timespec past = {1, 0}, negative = {1, -1}, large = {1, 1000000000}, before_all = {-1, 0};
    for (int form = 0; form < FORMS; form++) {
        struct timespec soon = in_ms(form == MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME, 15);
        double since = now_ms();
        int error = lock(form, &soon);
        printf("  %s, %s: soon: %s", (char *)state, forms[form], result(error));
        printf(", waited: %s", yes(now_ms() - since >= 14));
        printf("; past: %s", result(lock(form, &past)));
        printf(", before the epoch: %s", result(lock(form, &before_all)));
        printf("; negative nanoseconds: %s", result(lock(form, &negative)));
        printf(", too many: %s\n", result(lock(form, &large)));
    }
    static const clockid_t clocks[] = {CLOCK_PROCESS_CPUTIME_ID, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE, 1234, -1};
    printf("  %s, other clocks:", (char *)state);
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        printf(" %s", result(pthread_mutex_clocklock(&mutex, clocks[i], &past)));
    printf("\n");
    return NULL;
}

static void *tries_all(void *who)
{
    static const struct { const char *name; int type; } kinds[] = {
        {"normal", PTHREAD_MUTEX_NORMAL},
        {"recursive", PTHREAD_MUTEX_RECURSIVE},
        {"errorcheck", PTHREAD_MUTEX_ERRORCHECK},
        {"adaptive", PTHREAD_MUTEX_ADAPTIVE_NP},
    };
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        pthread_mutexattr_t attributes;
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, kinds[kind].type));
        zero(pthread_mutex_init(&mutex, &attributes));
        printf("%s, %s\n", kinds[kind].name, (char *)who);
        tries("free");
        zero(pthread_mutex_lock(&mutex));
        tries("mine");
        join(start(tries, "another's"));
        zero(pthread_mutex_unlock(&mutex));
        printf("  destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));
    }
    return NULL;
}

int main(void)
{
    join(start(tries_all, "a thread"));
    tries_all("main");
    return 0;
}
