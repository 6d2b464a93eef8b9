// Hundreds of threads keep values under shared keys and under keys of their own, which come and go. Each sees its own values, and each
// value that is left when its thread ends is destroyed.
#include "crowd.h"

enum { THREADS = 200, STEPS = 1000, SHARED = 8, YIELDS = 100 };
static pthread_key_t shared[SHARED];
static long wrong, destroyed, destroyed_in_vain;

static void destroy(void *value)
{
    __atomic_add_fetch(&destroyed, unbox(value), __ATOMIC_SEQ_CST);
}

static void never(void *unused)
{
    (void)unused;
    count(&destroyed_in_vain);
}

static void expect(pthread_key_t key, long value)
{
    if (unbox(pthread_getspecific(key)) != value)
        count(&wrong);
}

static void *run(void *arg)
{
    long number = unbox(arg) + 1;
    for (long i = 0; i < STEPS; i++) {
        pthread_key_t own;
        zero(pthread_key_create(&own, never));
        expect(own, 0);
        zero(pthread_setspecific(own, box(number + i)));
        zero(pthread_setspecific(shared[i % SHARED], box(number)));
        if (i % YIELDS == 0)
            sched_yield();
        expect(own, number + i);
        for (int k = 0; k < SHARED && k <= i; k++)
            expect(shared[k], number);
        zero(pthread_key_delete(own));
    }
    return box(STEPS * 4);
}

int main(void)
{
    for (int i = 0; i < SHARED; i++)
        zero(pthread_key_create(&shared[i], destroy));
    printf("operations: %ld\n", crowd(THREADS, run));
    printf("wrong values: %ld\n", wrong);
    printf("destroyed: a sum of %ld\n", destroyed);
    printf("destroyed though the key was gone: %ld\n", destroyed_in_vain);
    return 0;
}
