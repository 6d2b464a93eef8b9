// C11 threads: their results, detach, exit, yield, sleep, identity.
#include "fixture.h"
#include <stdatomic.h>
#include <threads.h>

static atomic_int left;

static int returns(void *arg)
{
    thrd_yield();
    return (int)(long)arg;
}

static int exits(void *arg)
{
    thrd_sleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    thrd_exit((int)(long)arg);
}

static int detached(void *arg)
{
    (void)arg;
    left--;
    return 0;
}

static int who(void *arg)
{
    thrd_t me = thrd_current();
    thrd_sleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    *(thrd_t *)arg = thrd_current();
    return thrd_equal(me, thrd_current());
}

int main(void)
{
    thrd_t threads[20], seen;
    int result;

    for (long i = 0; i < 20; i++)
        if (thrd_create(&threads[i], i % 2 ? returns : exits, (void *)(i * 1000 - 5)) != thrd_success)
            die("thrd_create");
    for (int i = 0; i < 20; i++) {
        printf("join: %d", thrd_join(threads[i], &result));
        printf(", result %d\n", result);
    }
    for (left = 5; left > 0;) {
        static int made;
        if (made < 5 && thrd_create(&threads[0], detached, NULL) == thrd_success) {
            made++;
            if (thrd_detach(threads[0]) != thrd_success)
                die("thrd_detach");
        }
        thrd_yield();
    }
    printf("all detached ones ran\n");
    if (thrd_create(&threads[0], who, &seen) != thrd_success)
        die("thrd_create");
    thrd_t id = threads[0];
    thrd_join(threads[0], &result);
    printf("same self: %d, same to its creator: %d, not main: %d\n", result, thrd_equal(seen, id) != 0, !thrd_equal(id, thrd_current()));
    printf("sleep: %d", thrd_sleep(&(struct timespec){.tv_nsec = 1000}, NULL));
    printf(", bad time: %d\n", thrd_sleep(&(struct timespec){.tv_nsec = 1000000000}, NULL) < -1);
    return 0;
}
