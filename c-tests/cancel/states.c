// Cancellation disabled and enabled, deferred and asynchronous, of oneself, of one that has ended, by pthread_exit's side.
#include "fixture.h"

static int ends[2];
static volatile int step;

static void says(void *text) { printf("  %s\n", (char *)text); }

static void *disabled(void *arg)
{
    int old;
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
    printf("  it was enabled: %d\n", old == PTHREAD_CANCEL_ENABLE);
    step = 1;
    usleep(20000);
    pthread_testcancel();
    printf("  not yet\n");
    pthread_cleanup_push(says, "cleaned up");
    zero(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
    printf("  it was disabled: %d\n", old == PTHREAD_CANCEL_DISABLE);
    usleep(1);
    printf("  never\n");
    pthread_cleanup_pop(0);
    return arg;
}

static void *oneself(void *arg)
{
    zero(pthread_cancel(pthread_self()));
    printf("  no cancellation point yet\n");
    pthread_testcancel();
    printf("  never\n");
    return arg;
}

static void *at_once(void *arg)
{
    int old;
    zero(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
    printf("  it was deferred: %d\n", old == PTHREAD_CANCEL_DEFERRED);
    zero(pthread_cancel(pthread_self()));
    printf("  never\n");
    return arg;
}

static void *exits(void *arg)
{
    pthread_cleanup_push(says, "cleaned up by exit");
    pthread_exit(arg);
    pthread_cleanup_pop(0);
}

static void *cleans_up_slowly(void *arg);

static void slow(void *arg)
{
    char c;
    printf("  cleaning\n");
    usleep(3000);
    must(write(ends[1], "z", 1));
    must(read(ends[0], &c, 1));
    printf("  cleaned, %c\n", c);
    (void)arg;
}

static void *cleans_up_slowly(void *arg)
{
    pthread_cleanup_push(slow, NULL);
    step = 2;
    sleep(100);
    pthread_cleanup_pop(0);
    return arg;
}

static void run(const char *name, void *(*routine)(void *), int cancel_at)
{
    pthread_t thread;
    void *result;
    printf("%s\n", name);
    step = 0;
    zero(pthread_create(&thread, NULL, routine, (void *)&step));
    if (cancel_at) {
        while (step != cancel_at)
            usleep(500);
        zero(pthread_cancel(thread));
    }
    zero(pthread_join(thread, &result));
    printf("  %s\n", result == PTHREAD_CANCELED ? "cancelled" : result == (void *)&step ? "returned" : "?");
}

int main(void)
{
    must(pipe(ends));
    run("disabled", disabled, 1);
    run("oneself", oneself, 0);
    run("asynchronous", at_once, 0);
    run("exit", exits, 0);
    run("slow handler", cleans_up_slowly, 2);

    pthread_t thread;
    zero(pthread_create(&thread, NULL, exits, NULL));
    usleep(5000);
    printf("one that has ended: %s\n", error_name(pthread_cancel(thread)));
    void *result;
    zero(pthread_join(thread, &result));
    printf("its result stays: %d\n", result == NULL);
    return 0;
}
