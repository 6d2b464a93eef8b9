// Short naps in a loop on several threads, beside one that computes: everybody gets on.
#include "fixture.h"
#include <stdatomic.h>

enum { N = 8, NAPS = 100 };
static atomic_int finished;

static void *naps(void *arg)
{
    double before = now_ms();
    for (int i = 0; i < NAPS; i++)
        must(nanosleep(&(struct timespec){0, 500 * 1000}, NULL));
    atomic_fetch_add(&finished, 1);
    return box(now_ms() - before >= NAPS * 0.5 + unbox(arg));
}

// Works in slices, as a polite program does: a nap of nothing after each.
static void *computes(void *arg)
{
    volatile unsigned long sum = 0;
    long slices = 0;
    while (atomic_load(&finished) < N) {
        for (int i = 0; i < 20000; i++)
            sum += i;
        usleep(0);
        slices++;
    }
    return box(slices > 0 && arg == NULL);
}

int main(void)
{
    pthread_t threads[N], computing = start(computes, NULL);
    long right = 0;
    for (long i = 0; i < N; i++)
        threads[i] = start(naps, box(0));
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i]));
    printf("napped long enough: %ld of %d\n", right, N);
    printf("computed: %ld\n", unbox(join(computing)));
    return 0;
}
