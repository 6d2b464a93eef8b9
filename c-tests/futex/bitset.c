// FUTEX_WAKE_BITSET wakes only those whose mask has one of its bits; FUTEX_WAKE wakes any.
#include "futex.h"

enum { N = 4 };
static unsigned word;
static atomic_int awake[N];

static void *waiter(void *number)
{
    unsigned mask = 1u << unbox(number);
    must(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, mask));
    atomic_store(&awake[unbox(number)], 1);
    return NULL;
}

// Wakes by mask until so many were woken.
static void wake_masked(unsigned mask, long wanted)
{
    long woken = 0;
    for (double until = now_ms() + 20000; woken < wanted && now_ms() < until; usleep(500))
        woken += must(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, wanted - woken, NULL, NULL, mask));
    printf("mask %#x woke %ld:", mask, woken);
}

static void *run(void *unused)
{
    pthread_t threads[N];
    for (long i = 0; i < N; i++) {
        awake[i] = 0;
        threads[i] = start(waiter, box(i));
    }
    wake_masked(1 << 2, 1);
    join(threads[2]);
    printf(" %d%d%d%d\n", awake[0], awake[1], awake[2], awake[3]);
    wake_masked(1 << 0 | 1 << 3 | 1 << 2, 2);
    join(threads[0]);
    join(threads[3]);
    printf(" %d%d%d%d\n", awake[0], awake[1], awake[2], awake[3]);
    printf("other bits: %ld\n", must(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, ~(1u << 1))));
    printf("any: %ld\n", wake_exactly(&word, FUTEX_PRIVATE_FLAG, 1));
    join(threads[1]);
    return unused;
}

int main(void)
{
    run(NULL);
    join(start(run, NULL));
    return 0;
}
