// C11 thread-specific storage: destructors run when a thread ends, by return or thrd_exit, again if they set a value again, and not
// for a key that is deleted.
#include "fixture.h"
#include <stdatomic.h>
#include <threads.h>

enum { N = 6 };
static tss_t plain, counted, again, deleted;
static atomic_int destroyed, rounds, never;

static void count(void *value)
{
    atomic_fetch_add(&destroyed, (int)unbox(value));
    thrd_yield(); // a destructor may wait
}

static void set_again(void *value)
{
    atomic_fetch_add(&rounds, 1);
    thrd_sleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    if (unbox(value) > 1)
        tss_set(again, box(unbox(value) - 1));
}

static void must_not(void *value)
{
    (void)value;
    atomic_fetch_add(&never, 1);
}

static int works(void *arg)
{
    long number = unbox(arg);
    int fresh = tss_get(plain) == NULL && tss_get(counted) == NULL && tss_get(again) == NULL;
    tss_set(plain, box(number));
    tss_set(counted, box(number));
    tss_set(again, box(3));
    thrd_sleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    int kept = tss_get(plain) == box(number) && tss_get(counted) == box(number) && tss_get(again) == box(3);
    tss_set(deleted, box(number));
    tss_delete(deleted);
    if (tss_create(&deleted, NULL) != thrd_success)
        die("tss_create");
    if (number % 2)
        thrd_exit(fresh + 2 * kept);
    return fresh + 2 * kept;
}

int main(void)
{
    thrd_t thread;
    int result;
    printf("create: %d %d %d %d\n", tss_create(&plain, NULL), tss_create(&counted, count), tss_create(&again, set_again),
           tss_create(&deleted, must_not));
    for (long i = 1; i <= N; i++) {
        if (thrd_create(&thread, works, box(i)) != thrd_success)
            die("thrd_create");
        thrd_join(thread, &result);
        printf("fresh and kept: %d, destroyed: %d, rounds: %d, never: %d\n", result, atomic_load(&destroyed), atomic_load(&rounds),
               atomic_load(&never));
    }
    tss_set(plain, box(5));
    printf("main's: %ld", unbox(tss_get(plain)));
    printf(", set: %d\n", tss_set(plain, NULL));
    return 0;
}
