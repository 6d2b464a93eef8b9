// Six threads compute without end; twenty sleep in between, and each wakes in time, if not at once.
#include "hog.h"
#include <poll.h>

enum { HOGS = 6, SLEEPERS = 20, NAPS = 3 };
static atomic_int stop;

static void *hog(void *unused)
{
    (void)unused;
    return box(hog_until(&stop) != 0);
}

static void *sleeper(void *arg)
{
    long ms = 3 + unbox(arg) % 5, good = 0;
    for (int i = 0; i < NAPS; i++) {
        struct timespec pause = {0, ms * 1000000};
        double begin = now_ms();
        if (i % 2)
            must(poll(NULL, 0, ms));
        else
            must(nanosleep(&pause, NULL));
        double slept = now_ms() - begin;
        good += slept >= ms && slept < 5000;
    }
    return box(good);
}

int main(void)
{
    pthread_t hogs[HOGS], sleepers[SLEEPERS];
    long good = 0, ran = 0;
    for (int i = 0; i < HOGS; i++)
        hogs[i] = start(hog, NULL);
    for (long i = 0; i < SLEEPERS; i++)
        sleepers[i] = start(sleeper, box(i));
    for (int i = 0; i < SLEEPERS; i++)
        good += unbox(join(sleepers[i]));
    stop = 1;
    for (int i = 0; i < HOGS; i++)
        ran += unbox(join(hogs[i]));
    printf("naps of the right length: %ld of %d\n", good, SLEEPERS * NAPS);
    printf("hogs: %ld\n", ran);
    return 0;
}
