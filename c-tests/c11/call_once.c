// C11 call_once: once for all, whoever comes meanwhile waits; left by thrd_exit, the next one runs it again; one within another.
#include "fixture.h"
#include <stdatomic.h>
#include <threads.h>

enum { N = 8 };
static once_flag once = ONCE_FLAG_INIT, left = ONCE_FLAG_INIT, outer = ONCE_FLAG_INIT, inner = ONCE_FLAG_INIT;
static atomic_int runs, leavings, inners;
static int value;

static void initialise(void)
{
    thrd_sleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    runs++;
    value = 42;
}

static void leaves(void)
{
    thrd_yield();
    if (++leavings < 3)
        thrd_exit(leavings);
}

static void initialise_inner(void)
{
    thrd_yield();
    inners++;
}

static void initialise_outer(void)
{
    call_once(&inner, initialise_inner);
    thrd_yield();
    inners += 10;
}

static int works(void *unused)
{
    (void)unused;
    call_once(&once, initialise);
    call_once(&outer, initialise_outer);
    return value == 42 && inners == 11;
}

static int leaves_once(void *unused)
{
    (void)unused;
    call_once(&left, leaves);
    return 100;
}

static int sum_of(thrd_start_t function)
{
    thrd_t threads[N];
    int sum = 0, result;
    for (int i = 0; i < N; i++)
        if (thrd_create(&threads[i], function, NULL) != thrd_success)
            die("thrd_create");
    for (int i = 0; i < N; i++) {
        thrd_join(threads[i], &result);
        sum += result;
    }
    return sum;
}

int main(void)
{
    printf("right: %d", sum_of(works));
    printf(", runs: %d, inner ones: %d\n", atomic_load(&runs), atomic_load(&inners));
    printf("results: %d", sum_of(leaves_once)); // 1 + 2 + 6 times 100
    printf(", runs: %d\n", atomic_load(&leavings));
    return 0;
}
