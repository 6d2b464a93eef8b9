// The timed and clock forms of read-write locks, and the tries: free, held for reading or writing, by oneself or another.
#include "fixture.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static const char *result(int error)
{
    if (error == 0)
        zero(pthread_rwlock_unlock(&lock));
    return error_name(error);
}

static int timed(int write, int form, const struct timespec *until)
{
    clockid_t clock = form == 1 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    if (form == 0)
        return write ? pthread_rwlock_timedwrlock(&lock, until) : pthread_rwlock_timedrdlock(&lock, until);
    return write ? pthread_rwlock_clockwrlock(&lock, clock, until) : pthread_rwlock_clockrdlock(&lock, clock, until);
}

static void *tries(void *unused)
{
    static const char *const forms[] = {"timed", "clock realtime", "clock monotonic"};
    static const struct timespec past = {1, 0}, before_all = {-1, 0}, negative = {1, -1}, large = {1, 1000000000};
    for (int write = 0; write < 2; write++) {
        printf("  %s: try: %s", write ? "write" : "read",
               result(write ? pthread_rwlock_trywrlock(&lock) : pthread_rwlock_tryrdlock(&lock)));
        printf(", other clocks: %s", result(write ? pthread_rwlock_clockwrlock(&lock, CLOCK_BOOTTIME, &past)
                                                  : pthread_rwlock_clockrdlock(&lock, CLOCK_BOOTTIME, &past)));
        printf(" %s\n", result(write ? pthread_rwlock_clockwrlock(&lock, -1, &past) : pthread_rwlock_clockrdlock(&lock, -1, &past)));
        for (int form = 0; form < 3; form++) {
            struct timespec soon = in_ms(form == 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME, 15);
            double since = now_ms();
            printf("    %s: soon: %s", forms[form], result(timed(write, form, &soon)));
            printf(", waited: %s", yes(now_ms() - since >= 14));
            printf(", past: %s", result(timed(write, form, &past)));
            printf(" %s", result(timed(write, form, &before_all)));
            printf(", wrong: %s", result(timed(write, form, &negative)));
            printf(" %s\n", result(timed(write, form, &large)));
        }
    }
    return unused;
}

static void *tries_all(void *unused)
{
    printf("free\n");
    tries(NULL);
    printf("read by oneself\n");
    zero(pthread_rwlock_rdlock(&lock));
    tries(NULL);
    printf("read by another\n");
    join(start(tries, NULL));
    zero(pthread_rwlock_unlock(&lock));
    printf("written by oneself\n");
    zero(pthread_rwlock_wrlock(&lock));
    tries(NULL);
    printf("written by another\n");
    join(start(tries, NULL));
    zero(pthread_rwlock_unlock(&lock));
    return unused;
}

int main(void)
{
    join(start(tries_all, NULL));
    tries_all(NULL);
    return 0;
}
