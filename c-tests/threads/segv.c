// signal: SIGSEGV
// green: lost
// A wild pointer on a thread is an ordinary SIGSEGV, and no stack overflow.
#include "fixture.h"

static char *volatile wild;

static void *crashes(void *arg)
{
    usleep(1000);
    *wild = 1;
    return arg;
}

int main(void)
{
    printf("before\n");
    fflush(stdout);
    join(start(crashes, NULL));
    return 0;
}
