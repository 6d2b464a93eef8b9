// 100 threads that sleep 100 ms each do it at the same time, main among them.
#include "fixture.h"

enum { N = 100 };

static void *sleeper(void *arg)
{
    must(usleep(100 * 1000));
    return arg;
}

int main(void)
{
    pthread_t threads[N];
    long sum = 0;
    double before = now_ms();
    for (long i = 0; i < N; i++)
        threads[i] = start(sleeper, box(i));
    must(usleep(100 * 1000));
    for (int i = 0; i < N; i++)
        sum += unbox(join(threads[i]));
    double elapsed = now_ms() - before;
    printf("joined: %ld\n", sum);
    printf("at least 100 ms: %s, less than 3 s: %s\n", yes(elapsed >= 100), yes(elapsed < 3000));
    return 0;
}
