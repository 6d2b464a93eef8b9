// Cleanup handlers, then thread-specific data, in order, for a cancelled thread; handlers that wait, or cancel again.
// (One that calls pthread_exit is left out: POSIX does not say what happens, and glibc 2.36 runs the handlers again, for ever.)
#include "fixture.h"

static pthread_key_t key;
static int ends[2];

static void says(void *text)
{
    printf("  %s\n", (char *)text);
}

static void destructor(void *text)
{
    printf("  key: %s\n", (char *)text);
}

static void waits(void *text)
{
    char byte;
    must(write(ends[1], "x", 1));
    usleep(1000);
    must(read(ends[0], &byte, 1));
    pthread_testcancel(); // it's being cancelled already
    printf("  %s waited\n", (char *)text);
}

static void cancels_again(void *text)
{
    printf("  %s: %s\n", (char *)text, error_name(pthread_cancel(pthread_self())));
    pthread_testcancel();
    usleep(1000);
    printf("  %s goes on\n", (char *)text);
}

static int variant;

static void middle(void *text)
{
    (variant == 1 ? waits : variant == 2 ? cancels_again : says)(text);
}

static void *target(void *unused)
{
    (void)unused;
    zero(pthread_setspecific(key, "value"));
    pthread_cleanup_push(says, "outermost");
    pthread_cleanup_push(middle, "middle");
    pthread_cleanup_push(says, "not this one");
    pthread_cleanup_pop(0);
    pthread_cleanup_push(says, "popped and run");
    pthread_cleanup_pop(1);
    pthread_cleanup_push(says, "inner");
    if (variant == 3)
        pthread_exit((void *)"exit");
    sleep(100);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    static const char *const names[] = {"plain", "a handler waits", "a handler cancels again", "by pthread_exit"};
    must(pipe(ends));
    zero(pthread_key_create(&key, destructor));
    for (variant = 0; variant < 4; variant++) {
        printf("%s\n", names[variant]);
        pthread_t thread = start(target, NULL);
        usleep(3000);
        if (variant < 3)
            zero(pthread_cancel(thread));
        void *result = join(thread);
        printf("  result: %s\n", result == PTHREAD_CANCELED ? "cancelled" : (char *)result);
    }
    return 0;
}
