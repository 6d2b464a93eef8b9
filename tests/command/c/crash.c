// A thread that crashes while others wait, or compute: by reading what isn't there, or ("calls") by calling a function that isn't.
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void (*nothing)(void);
static volatile int *nowhere = (int *)16;

static void *hog(void *arg)
{
    pthread_setname_np(pthread_self(), "hog");
    for (volatile long n = 0;; n++)
        ; // hog computes
    return arg;
}

static int crash(int calls)
{
    if (calls)
        nothing(); // crash calls
    return *nowhere; // crash reads
}

static void *crasher(void *calls)
{
    pthread_setname_np(pthread_self(), "crasher");
    usleep(50000);
    return (void *)(long)crash(calls != NULL); // crasher goes
}

int main(int count, char **words)
{
    pthread_t hogs, crashes;
    pthread_create(&hogs, NULL, hog, NULL);
    pthread_create(&crashes, NULL, crasher, count > 1 ? words[1] : NULL);
    pthread_join(crashes, NULL); // main waits
    return 0;
}
