// Stacks are as deep as was asked for: 700 KiB of recursion on 1 MiB, 4 MiB of locals on the default 8 MiB.
#include "fixture.h"

static long recurse(int depth)
{
    volatile char frame[1024];
    frame[0] = depth & 0x7f;
    if (depth % 100 == 0)
        usleep(100); // waits at many depths
    long below = depth == 0 ? 0 : recurse(depth - 1);
    return below + frame[0];
}

static void *deep(void *arg)
{
    return box(recurse(unbox(arg)));
}

static void *big(void *arg)
{
    volatile char local[4 << 20];
    for (size_t i = 0; i < sizeof local; i += 4096)
        local[i] = i >> 12;
    usleep(1000);
    long sum = 0;
    for (size_t i = 0; i < sizeof local; i += 4096)
        sum += (unsigned char)local[i];
    return box(sum + unbox(arg));
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t threads[8];

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 1 << 20));
    for (int i = 0; i < 8; i++)
        zero(pthread_create(&threads[i], &attributes, deep, box(640)));
    for (int i = 0; i < 8; i++)
        printf("recursion: %ld\n", unbox(join(threads[i])));
    for (int i = 0; i < 4; i++)
        threads[i] = start(big, box(i));
    for (int i = 0; i < 4; i++)
        printf("big local: %ld\n", unbox(join(threads[i])));
    return 0;
}
