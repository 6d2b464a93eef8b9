// Many short threads, joined at once, in batches, and by other threads than their creator.
#include "fixture.h"

enum { N = 900 };

static void *short_lived(void *arg)
{
    return arg;
}

static void *joins(void *threads)
{
    long sum = 0;
    for (int i = 0; i < N; i++)
        sum += unbox(join(((pthread_t *)threads)[i]));
    return box(sum);
}

static void *creates_one_by_one(void *arg)
{
    long sum = 0;
    for (long i = 0; i < N; i++)
        sum += unbox(join(start(short_lived, box(i))));
    return box(sum + unbox(arg));
}

int main(void)
{
    static pthread_t threads[N], creators[4];
    printf("one by one: %ld\n", unbox(creates_one_by_one(box(0))));
    for (long i = 0; i < N; i++)
        threads[i] = start(short_lived, box(i));
    printf("a batch, joined elsewhere: %ld\n", unbox(join(start(joins, threads))));
    for (int i = 0; i < 4; i++)
        creators[i] = start(creates_one_by_one, box(i));
    for (int i = 0; i < 4; i++)
        printf("creator %d: %ld\n", i, unbox(join(creators[i])));
    return 0;
}
