// The order of what happens when a thread ends: cleanup handlers, then key destructors in the order of the keys, round by round, each
// of which may wait, create threads and join them; then its joiner goes on. The same by return, by pthread_exit and by thrd_exit.
#include "fixture.h"
#include <threads.h>

enum { KEYS = 5 };
static pthread_key_t keys[KEYS];
static tss_t last;
static int again;

static void *helper(void *arg)
{
    zero(pthread_setspecific(keys[4], "the helper's own"));
    return arg;
}

static void destroy(int key, const char *value)
{
    printf("  key %d: %s\n", key, value);
    if (key == 1 && again++ == 0) {
        zero(pthread_setspecific(keys[0], "next round"));
        zero(pthread_setspecific(keys[3], "changed in this round"));
    }
    if (key == 2) {
        usleep(1000);
        join(start(helper, NULL));
    }
}

static void destroy0(void *value) { destroy(0, value); }
static void destroy1(void *value) { destroy(1, value); }
static void destroy2(void *value) { destroy(2, value); }
static void destroy3(void *value) { destroy(3, value); }
static void destroy4(void *value) { destroy(4, value); }
static void destroy_last(void *value) { printf("  tss: %s\n", (char *)value); }

static void says(void *text)
{
    printf("  %s\n", (char *)text);
}

static void set_all(void)
{
    static const char *const values[] = {"a", "b", "c", "d", "e"};
    again = 0;
    tss_set(last, "f");
    for (int i = KEYS; i-- > 0;)
        zero(pthread_setspecific(keys[i], values[i]));
}

static void *returns(void *arg)
{
    set_all();
    return arg;
}

static void *exits(void *arg)
{
    pthread_cleanup_push(says, "cleanup");
    set_all();
    pthread_exit(arg);
    pthread_cleanup_pop(0);
    return NULL;
}

static int exits_thrd(void *unused)
{
    (void)unused;
    set_all();
    thrd_exit(7);
}

int main(void)
{
    static void (*const destructors[])(void *) = {destroy0, destroy1, destroy2, destroy3, destroy4};
    thrd_t thread;
    int result;
    for (int i = 0; i < KEYS; i++)
        zero(pthread_key_create(&keys[i], destructors[i]));
    if (tss_create(&last, destroy_last) != thrd_success)
        die("tss_create");
    printf("return\n");
    printf("joined %ld\n", unbox(join(start(returns, box(5)))));
    printf("pthread_exit\n");
    printf("joined %ld\n", unbox(join(start(exits, box(6)))));
    printf("thrd_exit\n");
    if (thrd_create(&thread, exits_thrd, NULL) != thrd_success || thrd_join(thread, &result) != thrd_success)
        die("thrd_create");
    printf("joined %d\n", result);
    return 0;
}
