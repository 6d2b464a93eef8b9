// C11 mutexes of every kind: what lock, trylock, timedlock and unlock say when it is free, one's own, another's.
#include "fixture.h"
#include <threads.h>

static mtx_t mutex;
static int deep;

static const char *name_of(int result)
{
    static const char *const names[] = {"success", "busy", "error", "nomem", "timedout"};
    _Static_assert(thrd_success == 0 && thrd_busy == 1 && thrd_error == 2 && thrd_nomem == 3 && thrd_timedout == 4, "thrd_*");
    return names[result];
}

static const char *result(int result)
{
    if (result == thrd_success && mtx_unlock(&mutex) != thrd_success)
        die("mtx_unlock");
    return name_of(result);
}

static int tries(void *unused)
{
    struct timespec past = {1, 0}, wrong = {1, 1000000000}, soon = in_ms(CLOCK_REALTIME, 20);
    double since = now_ms();
    (void)unused;
    printf("  trylock: %s", result(mtx_trylock(&mutex)));
    printf(", timedlock: %s", result(mtx_timedlock(&mutex, &soon)));
    printf(", waited: %s", yes(now_ms() - since >= 19));
    printf(", past: %s", result(mtx_timedlock(&mutex, &past)));
    printf(", wrong: %s\n", result(mtx_timedlock(&mutex, &wrong)));
    return 0;
}

static void elsewhere(thrd_start_t function)
{
    thrd_t thread;
    if (thrd_create(&thread, function, NULL) != thrd_success || thrd_join(thread, NULL) != thrd_success)
        die("thrd_create");
}

static int unlocks(void *unused)
{
    (void)unused;
    printf("  unlock by another: %s\n", name_of(mtx_unlock(&mutex)));
    return 0;
}

static int tries_all(void *unused)
{
    static const struct { const char *name; int type; } kinds[] = {{"plain", mtx_plain},
                                                                   {"timed", mtx_timed},
                                                                   {"recursive", mtx_plain | mtx_recursive},
                                                                   {"timed recursive", mtx_timed | mtx_recursive}};
    (void)unused;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        deep = kinds[kind].type & mtx_recursive ? 3 : 1;
        printf("%s: init: %s\n free\n", kinds[kind].name, name_of(mtx_init(&mutex, kinds[kind].type)));
        tries(NULL);
        for (int i = 0; i < deep; i++)
            printf(" mine: lock: %s\n", name_of(mtx_lock(&mutex)));
        tries(NULL);
        elsewhere(tries);
        if (deep > 1)
            elsewhere(unlocks);
        for (int i = 0; i < deep; i++) {
            printf(" unlock: %s\n", name_of(mtx_unlock(&mutex)));
            elsewhere(tries);
        }
        mtx_destroy(&mutex);
    }
    printf("no such kind: %s\n", name_of(mtx_init(&mutex, 77)));
    return 0;
}

int main(void)
{
    elsewhere(tries_all);
    tries_all(NULL);
    return 0;
}
