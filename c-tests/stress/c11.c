// The same in C11: hundreds of threads on plain, timed and recursive mutexes, a condition, call_once, and threads that come and go.
#include "crowd.h"
#include <threads.h>

enum { THREADS = 200, STEPS = 2000, ONCES = 100, BATCH = 20 };
static mtx_t plain, timed, recursive;
static cnd_t changed;
static struct guarded guarded[3];
static once_flag onces[ONCES]; // zero is ONCE_FLAG_INIT
static long initialised, early, tokens, taken, destroyed, lived, wrong;
static tss_t key;

static void check(int result)
{
    if (result != thrd_success)
        count(&wrong);
}

static void initialise(void)
{
    thrd_yield();
    count(&initialised);
}

static void destroy(void *value)
{
    __atomic_add_fetch(&destroyed, unbox(value), __ATOMIC_SEQ_CST);
}

static int lives(void *arg)
{
    count(&lived);
    if (arg)
        thrd_exit(5);
    return 4;
}

// Half of them give tokens in batches, the others take them one by one.
static void trade(int gives)
{
    for (int i = 0; i < STEPS / (gives ? BATCH : 1); i++) {
        check(mtx_lock(&plain));
        while (!gives && tokens == 0)
            check(cnd_wait(&changed, &plain));
        tokens += gives ? BATCH : -1;
        taken += !gives;
        visit(&guarded[0], i % 500 == 0);
        if (gives)
            check(i % 2 ? cnd_signal(&changed) : cnd_broadcast(&changed));
        else if (tokens > 0)
            check(cnd_signal(&changed));
        check(mtx_unlock(&plain));
    }
}

static int run(void *arg)
{
    struct timespec until = in_ms(CLOCK_REALTIME, 30000);
    check(tss_set(key, arg));
    for (int i = 0; i < ONCES; i++) {
        call_once(&onces[i], initialise);
        if (counted(&initialised) <= i)
            count(&early);
    }
    for (int i = 0; i < STEPS; i++) {
        check(mtx_timedlock(&timed, &until));
        visit(&guarded[1], i % 500 == 0);
        check(mtx_unlock(&timed));
        check(mtx_lock(&recursive));
        check(mtx_lock(&recursive));
        visit(&guarded[2], 0);
        check(mtx_unlock(&recursive));
        check(mtx_unlock(&recursive));
    }
    trade(unbox(arg) % 2);
    for (int i = 0; i < 10; i++) {
        thrd_t thread;
        int result;
        check(thrd_create(&thread, lives, i % 2 ? arg : NULL));
        check(thrd_join(thread, &result));
        if (result != (i % 2 && arg ? 5 : 4))
            count(&wrong);
    }
    return tss_get(key) == arg ? STEPS : 0;
}

int main(void)
{
    thrd_t threads[THREADS];
    long steps = 0;
    check(mtx_init(&plain, mtx_plain));
    check(mtx_init(&timed, mtx_timed));
    check(mtx_init(&recursive, mtx_plain | mtx_recursive));
    check(cnd_init(&changed));
    check(tss_create(&key, destroy));
    for (long i = 0; i < THREADS; i++)
        check(thrd_create(&threads[i], run, box(i)));
    for (int i = 0; i < THREADS; i++) {
        int result;
        check(thrd_join(threads[i], &result));
        steps += result;
    }
    printf("steps: %ld\n", steps);
    printf("call_once: %ld run, %ld too early\n", initialised, early);
    printf("tokens: %ld taken, %ld left\n", taken, tokens);
    printf("threads that came and went: %ld\n", lived);
    printf("invariants held: %s", yes(whole(&guarded[0], guarded[0].first)));
    printf(", %s, %s\n", yes(whole(&guarded[1], steps)), yes(whole(&guarded[2], steps)));
    printf("thread-specific values destroyed: a sum of %ld\n", destroyed);
    printf("wrong answers: %ld\n", wrong);
    return 0;
}
