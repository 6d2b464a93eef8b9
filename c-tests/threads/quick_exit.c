// exit: 6
// green: lost
// quick_exit() called by a thread runs at_quick_exit's handlers only.
#include "fixture.h"

static void *exits(void *arg)
{
    (void)arg;
    quick_exit(6);
}

static void quick(void)
{
    must(write(1, "quick handler\n", 14));
}

static void slow(void)
{
    must(write(1, "not reached\n", 12));
}

int main(void)
{
    atexit(slow);
    at_quick_exit(quick);
    join(start(exits, NULL));
    return 5;
}
