// signal: SIGSEGV
// green: lost
// stderr-green: stack
// A thread that runs over its stack dies of SIGSEGV; under libgreen a message says why.
#include "fixture.h"

static volatile int bottomless = 1;

static long recurse(long depth)
{
    volatile char frame[512];
    frame[depth % sizeof frame] = 1;
    return bottomless ? recurse(depth + 1) + frame[0] : depth;
}

static void *runs_over(void *arg)
{
    return box(recurse(unbox(arg)));
}

int main(void)
{
    printf("before\n");
    fflush(stdout);
    join(start_small(runs_over, NULL));
    printf("not reached\n");
    return 0;
}
