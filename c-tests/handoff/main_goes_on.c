// A thread spins until main, which sleeps, talks with an echoing thread and makes more threads meanwhile, tells it to stop.
#include "hog.h"

static atomic_int stop, counted;

static void *spin(void *unused)
{
    (void)unused;
    return box(hog_until(&stop) != 0);
}

static void *count(void *unused)
{
    counted++;
    return unused;
}

int main(void)
{
    int ends[2];
    stream_pair(ends);
    pthread_t echoing = start(echo, box(ends[1])), spinning = start(spin, NULL);
    usleep(20000);
    printf("slept\n");
    printf("echoed: %ld of 100\n", talk(ends[0], 100));
    for (int i = 0; i < 5; i++)
        join(start(count, NULL));
    printf("more threads: %d\n", (int)counted);
    stop = 1;
    printf("spun: %ld\n", unbox(join(spinning)));
    must(shutdown(ends[0], SHUT_WR));
    printf("bytes that came: %ld\n", unbox(join(echoing)));
    return 0;
}
