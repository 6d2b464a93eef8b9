// main spins for a flag that a handler of SIGALRM sets, first alone, then while threads spin too; those wait for the same handler.
#include "hog.h"
#include <signal.h>
#include <sys/time.h>

enum { HOGS = 3 };
static atomic_int flag;

static void handler(int signal)
{
    (void)signal;
    flag = 1;
}

static void alarm_in_ms(int ms)
{
    struct itimerval once = {{0, 0}, {0, ms * 1000}};
    must(setitimer(ITIMER_REAL, &once, NULL));
}

static void *hog(void *unused)
{
    (void)unused;
    return box(hog_until(&flag) != 0);
}

static void *nothing(void *unused)
{
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    pthread_t hogs[HOGS];
    must(sigaction(SIGALRM, &action, NULL));
    join(start(nothing, NULL));
    alarm_in_ms(20);
    hog_until(&flag);
    printf("main alone\n");

    flag = 0;
    for (int i = 0; i < HOGS; i++)
        hogs[i] = start(hog, NULL);
    alarm_in_ms(20);
    hog_until(&flag);
    printf("main and %d threads\n", HOGS);
    for (int i = 0; i < HOGS; i++)
        join(hogs[i]);

    // And main at rest while one thread spins for the handler.
    flag = 0;
    pthread_t last = start(hog, NULL);
    alarm_in_ms(20);
    printf("main joined: %ld\n", unbox(join(last)));
    return 0;
}
