// GREEN_DEBUG_BLOCKING names the thread that held its carrier, for how long and where; the program notices nothing.
// env: GREEN_DEBUG_BLOCKING=20
// stderr-green: thread "churner"
#include "fixture.h"

static unsigned churn(int milliseconds)
{
    struct timespec begin, now;
    unsigned x = 1;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        for (int i = 0; i < 1000; i++)
            x = x * 1664525 + 1013904223;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < milliseconds);
    return x;
}

static void *churner(void *arg)
{
    zero(pthread_setname_np(pthread_self(), "churner"));
    for (int i = 0; i < 3; i++) {
        volatile unsigned result = churn(60);
        (void)result;
        usleep(1000);
    }
    return arg;
}

static void *napper(void *arg)
{
    for (int i = 0; i < 50; i++)
        usleep(1000);
    return arg;
}

int main(void)
{
    pthread_t threads[2];
    zero(pthread_create(&threads[0], NULL, churner, NULL));
    zero(pthread_create(&threads[1], NULL, napper, NULL));
    for (int i = 0; i < 2; i++)
        zero(pthread_join(threads[i], NULL));
    printf("done\n");
    return 0;
}
