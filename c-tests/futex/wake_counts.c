// FUTEX_WAKE says how many it woke, and wakes no more than asked; nothing counts twice.
#include "futex.h"

enum { N = 8 };
static unsigned word;
static int flags;
static atomic_int awake;

static void *waiter(void *unused)
{
    must(futex(&word, FUTEX_WAIT | flags, 0, NULL, NULL, 0));
    atomic_fetch_add(&awake, 1);
    return unused;
}

static void *run(void *flavour)
{
    pthread_t threads[N];
    flags = unbox(flavour);
    awake = 0;
    for (int i = 0; i < N; i++)
        threads[i] = start(waiter, NULL);
    printf("  one by one:");
    for (int i = 1; i <= 3; i++) {
        printf(" %ld", wake_exactly(&word, flags, 1));
        while (atomic_load(&awake) < i)
            usleep(500);
    }
    let_it_block();
    printf(", awake: %d\n", atomic_load(&awake));
    printf("  the other five: %ld\n", wake_exactly(&word, flags, 5));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("  awake: %d, left to wake: %ld\n", atomic_load(&awake), must(wake(&word, flags, 100)));
    return NULL;
}

int main(void)
{
    printf("private\n");
    run(box(FUTEX_PRIVATE_FLAG));
    printf("shared\n");
    run(box(0));
    printf("private, a thread\n");
    join(start(run, box(FUTEX_PRIVATE_FLAG)));
    return 0;
}
