// main spins for flags that threads set: at once, after a sleep, after another thread's byte.
#include "hog.h"

static atomic_int flags[3];
static int ends[2];

static void *at_once(void *unused)
{
    flags[0] = 1;
    return unused;
}

static void *after_sleep(void *unused)
{
    struct timespec pause = {0, 15000000};
    must(nanosleep(&pause, NULL));
    flags[1] = 1;
    return unused;
}

static void *after_byte(void *unused)
{
    char byte;
    must(read(ends[0], &byte, 1));
    flags[2] = 1;
    return unused;
}

static void *send_byte(void *unused)
{
    must(write(ends[1], "x", 1));
    return unused;
}

int main(void)
{
    void *(*const functions[])(void *) = {at_once, after_sleep, after_byte, send_byte};
    pthread_t threads[4];
    must(pipe(ends));
    threads[0] = start(functions[0], NULL);
    hog_until(&flags[0]);
    printf("set at once\n");
    threads[1] = start(functions[1], NULL);
    hog_until(&flags[1]);
    printf("set after a sleep\n");
    threads[2] = start(functions[2], NULL);
    threads[3] = start(functions[3], NULL);
    hog_until(&flags[2]);
    printf("set after a byte\n");
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    return 0;
}
