// main leaves by pthread_exit while a thread computes. Another sleeps meanwhile, and tells it to end; the last word is the first's.
#include "hog.h"

static atomic_int stop;
static struct gate leaving = GATE_CLOSED;

static void *hog(void *unused)
{
    hog_until(&stop);
    hog_ms(20);
    printf("the one that computed has finished\n");
    return unused;
}

static void *sleeper(void *unused)
{
    gate_wait(&leaving);
    usleep(30000);
    printf("the one that slept is awake\n");
    stop = 1;
    return unused;
}

int main(void)
{
    zero(pthread_detach(start(hog, NULL)));
    zero(pthread_detach(start(sleeper, NULL)));
    printf("main leaves\n");
    gate_open(&leaving);
    pthread_exit(NULL);
}
