// FUTEX_REQUEUE and FUTEX_CMP_REQUEUE wake some and move the rest to a second word, where alone they are woken then.
#include "futex.h"

enum { N = 6 };
static unsigned entry, first, second;
static int flags;
static atomic_int awake;

static void *waiter(void *unused)
{
    must(futex(&entry, FUTEX_WAIT | flags, 0, NULL, NULL, 0));
    atomic_fetch_add(&awake, 1);
    return unused;
}

// Puts all to wait at the first word: they have come to rest when they could be moved there.
static void begin(pthread_t threads[N])
{
    awake = 0;
    for (int i = 0; i < N; i++)
        threads[i] = start(waiter, NULL);
    printf("  moved to the first word: %ld\n", move_exactly(&entry, &first, flags, N));
}

static void wait_for_awake(int wanted)
{
    for (double until = now_ms() + 20000; atomic_load(&awake) < wanted && now_ms() < until;)
        usleep(500);
    let_it_block(); // for those who should not wake
}

static void end(pthread_t threads[N])
{
    printf("  the rest: %ld\n", wake_exactly(&second, flags, N - atomic_load(&awake)));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("  left: %ld %ld\n", must(wake(&first, flags, 100)), must(wake(&second, flags, 100)));
}

static void *run(void *flavour)
{
    pthread_t threads[N];
    flags = unbox(flavour);
    begin(threads);
    printf("  another value: %s", answer(futex(&first, FUTEX_CMP_REQUEUE | flags, 1, count(10), &second, 1)));
    printf(", awake: %d\n", atomic_load(&awake));
    printf("  cmp_requeue, one woken, two moved: %s\n", answer(futex(&first, FUTEX_CMP_REQUEUE | flags, 1, count(2), &second, 0)));
    wait_for_awake(1);
    printf("  awake: %d\n", atomic_load(&awake));
    printf("  at the second word: %ld\n", must(wake(&second, flags, 100)));
    wait_for_awake(3);
    printf("  awake: %d\n", atomic_load(&awake));
    printf("  requeue, none woken, all moved: %s\n", answer(futex(&first, FUTEX_REQUEUE | flags, 0, count(100), &second, 0)));
    wait_for_awake(3);
    printf("  awake: %d, at the first word: %ld\n", atomic_load(&awake), must(wake(&first, flags, 100)));
    end(threads);
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
