// FUTEX_WAIT and FUTEX_WAIT_BITSET: another value, out of time (relative and absolute, on both clocks), a time or a mask that
// makes no sense, an odd address.
#include "futex.h"

static unsigned word = 5;

static void timed(const char *what, int operation, const struct timespec *time)
{
    double since = now_ms();
    printf("  %s: %s", what, answer(futex(&word, operation, 5, time, NULL, FUTEX_BITSET_MATCH_ANY)));
    printf(", waited: %s\n", yes(now_ms() - since >= 19));
}

static void *tries(void *flavour)
{
    int flags = unbox(flavour);
    struct timespec when = {0, 20000000}, past = {1, 0}, none = {0, 0};
    static const struct timespec wrong[] = {{0, -1}, {0, 1000000000}, {-1, 0}};

    printf("  another value: %s\n", answer(futex(&word, FUTEX_WAIT | flags, 6, NULL, NULL, 0)));
    printf("  bitset, another value: %s\n", answer(futex(&word, FUTEX_WAIT_BITSET | flags, 6, NULL, NULL, 1)));
    timed("relative", FUTEX_WAIT | flags, &when);
    when = in_ms(CLOCK_MONOTONIC, 20);
    timed("absolute, monotonic", FUTEX_WAIT_BITSET | flags, &when);
    when = in_ms(CLOCK_REALTIME, 20);
    timed("absolute, realtime", FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME | flags, &when);
    timed("no time at all", FUTEX_WAIT | flags, &none);
    timed("long past, monotonic", FUTEX_WAIT_BITSET | flags, &none);
    timed("long past, realtime", FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME | flags, &past);
    for (int i = 0; i < 3; i++) {
        printf("  wrong time %d: %s", i, answer(futex(&word, FUTEX_WAIT | flags, 5, &wrong[i], NULL, 0)));
        printf(", of another value: %s", answer(futex(&word, FUTEX_WAIT | flags, 6, &wrong[i], NULL, 0)));
        printf(", bitset: %s\n", answer(futex(&word, FUTEX_WAIT_BITSET | flags, 5, &wrong[i], NULL, 1)));
    }
    printf("  empty mask: %s", answer(futex(&word, FUTEX_WAIT_BITSET | flags, 5, NULL, NULL, 0)));
    printf(", to wake: %s\n", answer(futex(&word, FUTEX_WAKE_BITSET | flags, 1, NULL, NULL, 0)));
    char *odd = (char *)&word + 1;
    printf("  odd address: wait: %s", answer(futex(odd, FUTEX_WAIT | flags, 5, NULL, NULL, 0)));
    printf(", wake: %s\n", answer(futex(odd, FUTEX_WAKE | flags, 1, NULL, NULL, 0)));
    printf("  nobody waits: wake: %s", answer(wake(&word, flags, 1)));
    printf(", wake all: %s", answer(wake(&word, flags, 0x7fffffff)));
    printf(", requeue: %s\n", answer(futex(&word, FUTEX_REQUEUE | flags, 1, count(1), &word + 0, 0)));
    printf("  no such operation: %s\n", answer(futex(&word, 99 | flags, 5, NULL, NULL, 0)));
    return NULL;
}

int main(void)
{
    printf("private, thread\n");
    join(start(tries, box(FUTEX_PRIVATE_FLAG)));
    printf("shared, thread\n");
    join(start(tries, box(0)));
    printf("private, main\n");
    tries(box(FUTEX_PRIVATE_FLAG));
    printf("shared, main\n");
    tries(box(0));
    return 0;
}
