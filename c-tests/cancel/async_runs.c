// The asynchronous type ends a thread that makes no call at all, or only calls that are no cancellation points; its cleanup handlers
// run. Disabled, or deferred again, it goes on.
#include "fixture.h"
#include <stdatomic.h>

static atomic_int ready, stop, cleaned;
static volatile unsigned long steps;
static pthread_mutex_t free_one = PTHREAD_MUTEX_INITIALIZER;

static void cleans(void *unused)
{
    (void)unused;
    cleaned++;
}

static void asynchronous(void)
{
    zero(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
}

static void computes(void)
{
    asynchronous();
    ready = 1;
    for (;;)
        steps++;
}

// Its loop holds no lock of ours where it can be cancelled: the type is deferred between lock and unlock.
static void locks(void)
{
    ready = 1;
    for (;;) {
        zero(pthread_mutex_lock(&free_one));
        steps++;
        zero(pthread_mutex_unlock(&free_one));
        asynchronous();
        zero(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL));
    }
}

static void switches_states(void)
{
    int old;
    asynchronous();
    ready = 1;
    for (;;) {
        zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
        steps++;
        zero(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
    }
}

static void disabled(void)
{
    asynchronous();
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL));
    ready = 1;
    while (!stop)
        steps++;
    printf("  disabled, it goes on\n");
    zero(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL));
    printf("  never\n");
}

static void deferred(void)
{
    asynchronous();
    zero(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL));
    ready = 1;
    while (!stop)
        steps++;
    printf("  deferred, it goes on\n");
    pthread_testcancel();
    printf("  never\n");
}

static void *runs(void *call)
{
    pthread_cleanup_push(cleans, NULL);
    ((void (*)(void))call)();
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*call)(void);
    } cases[] = {{"computes", computes}, {"locks", locks}, {"switches", switches_states}, {"disabled", disabled}, {"deferred", deferred}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        printf("%s\n", cases[i].name);
        for (int round = 0; round < 3; round++) {
            ready = stop = cleaned = 0;
            pthread_t thread = start(runs, cases[i].call);
            while (!ready)
                usleep(500);
            zero(pthread_cancel(thread));
            usleep(1000);
            stop = 1;
            void *result = join(thread);
            printf("  cancelled: %s, cleaned up: %d\n", yes(result == PTHREAD_CANCELED), (int)cleaned);
        }
    }
    return 0;
}
