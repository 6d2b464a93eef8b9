// C11 mutexes of each kind, condition variables, call_once, thread-specific storage.
#include "fixture.h"
#include <threads.h>

enum { THREADS = 12, ROUNDS = 2000 };

static mtx_t plain, timed, recursive;
static cnd_t changed, all;
static once_flag once = ONCE_FLAG_INIT;
static tss_t key;
static int counter, turn, initialised, destroyed, waiting, go;

static struct timespec in(long milliseconds)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    t.tv_sec += milliseconds / 1000;
    t.tv_nsec += milliseconds % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void initialise(void)
{
    thrd_sleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    initialised++;
}

static void destroy(void *value)
{
    mtx_lock(&plain);
    destroyed += *(int *)value;
    mtx_unlock(&plain);
    free(value);
}

static int works(void *arg)
{
    int me = (int)(long)arg, *value = malloc(sizeof *value);

    call_once(&once, initialise);
    *value = initialised;
    tss_set(key, value);
    for (int i = 0; i < ROUNDS; i++) {
        mtx_lock(&plain);
        counter++;
        mtx_unlock(&plain);
        if (i % 500 == 0)
            thrd_yield();
    }
    mtx_lock(&recursive);
    mtx_lock(&recursive);
    thrd_yield();
    mtx_unlock(&recursive);
    mtx_unlock(&recursive);

    mtx_lock(&plain);
    for (int i = 0; i < 10; i++) {
        while (turn % THREADS != me)
            cnd_wait(&changed, &plain);
        turn++;
        cnd_broadcast(&changed);
    }
    waiting++;
    cnd_signal(&all);
    while (!go)
        cnd_wait(&changed, &plain);
    mtx_unlock(&plain);
    return tss_get(key) == value;
}

static int holds(void *arg)
{
    (void)arg;
    struct timespec soon = in(20);
    int r = mtx_timedlock(&timed, &soon);
    return r == thrd_timedout ? 1 : 2;
}

int main(void)
{
    thrd_t threads[THREADS];
    int result, good = 0;
    struct timespec soon;

    printf("init: %d", mtx_init(&plain, mtx_plain));
    printf(" %d", mtx_init(&timed, mtx_timed));
    printf(" %d", mtx_init(&recursive, mtx_plain | mtx_recursive));
    printf(" %d", cnd_init(&changed));
    printf(" %d", cnd_init(&all));
    printf(" %d\n", tss_create(&key, destroy));
    for (long i = 0; i < THREADS; i++)
        if (thrd_create(&threads[i], works, (void *)i) != thrd_success)
            die("thrd_create");
    mtx_lock(&plain);
    while (waiting < THREADS)
        cnd_wait(&all, &plain);
    go = 1;
    mtx_unlock(&plain);
    cnd_broadcast(&changed);
    for (int i = 0; i < THREADS; i++) {
        thrd_join(threads[i], &result);
        good += result;
    }
    printf("counted %d, turns %d, initialised %d, destroyed %d, values kept %d\n", counter, turn, initialised, destroyed, good);

    printf("trylock: %d", mtx_trylock(&timed));
    printf(", again: %d\n", mtx_trylock(&timed));
    if (thrd_create(&threads[0], holds, NULL) != thrd_success)
        die("thrd_create");
    thrd_join(threads[0], &result);
    printf("timed out: %s\n", result == 1 ? "yes" : "no");
    soon = in(10);
    printf("wait for nothing: %d\n", cnd_timedwait(&changed, &timed, &soon) == thrd_timedout);
    mtx_unlock(&timed);
    cnd_destroy(&changed);
    cnd_destroy(&all);
    mtx_destroy(&plain);
    mtx_destroy(&timed);
    mtx_destroy(&recursive);
    tss_delete(key);
    return 0;
}
