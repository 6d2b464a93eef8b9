// 2,000 threads asleep at once, each for a time of its own; none wakes early, all wake soon.
#include "fixture.h"

enum { N = 2000 };

static void *sleeper(void *arg)
{
    long us = 20000 + unbox(arg) * 7919 % 200000; // 20 to 220 ms, in no order
    double before = now_ms();
    must(usleep(us));
    return box(now_ms() - before >= us / 1000.0 - 0.5);
}

int main(void)
{
    static pthread_t threads[N];
    long right = 0;
    double before = now_ms();
    for (long i = 0; i < N; i++)
        threads[i] = start_small(sleeper, box(i));
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i]));
    double elapsed = now_ms() - before;
    printf("slept long enough: %ld of %d\n", right, N);
    printf("together at least 200 ms: %s, less than 20 s: %s\n", yes(elapsed >= 200), yes(elapsed < 20000));
    return 0;
}
