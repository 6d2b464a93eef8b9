// Two hundred threads use a megabyte of their stacks each, all at once. Some time after their end that memory is the system's
// again, but for some stacks that are kept for the next threads.
#include "fixture.h"

enum { N = 200, MEGABYTE = 1 << 20 };
static pthread_barrier_t all_there;

static void *uses(void *arg)
{
    volatile char deep[MEGABYTE];
    for (int i = 0; i < MEGABYTE; i += 4096)
        deep[i] = 1;
    pthread_barrier_wait(&all_there);
    return box(unbox(arg) + deep[0]);
}

static long resident_mib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        die("statm");
    fclose(file);
    return pages * 4096 / MEGABYTE;
}

int main(void)
{
    static pthread_t threads[N];
    zero(pthread_barrier_init(&all_there, NULL, N + 1));
    for (int round = 0; round < 3; round++) {
        long sum = 0, before = resident_mib(), more = 0;
        for (long i = 0; i < N; i++)
            zero(pthread_create(&threads[i], NULL, uses, box(i)));
        pthread_barrier_wait(&all_there);
        for (int i = 0; i < N; i++)
            sum += unbox(join(threads[i]));
        printf("sum: %ld\n", sum);
        for (double until = now_ms() + 20000; now_ms() < until; usleep(10000))
            if ((more = resident_mib() - before) < N / 2)
                break;
        printf("most of it went back: %s\n", more < N / 2 ? "yes" : "no");
    }
    return 0;
}
