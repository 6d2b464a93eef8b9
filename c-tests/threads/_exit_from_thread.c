// exit: 4
// green: lost
// _exit() called by a thread ends the process there and then.
#include "fixture.h"

static void *exits(void *arg)
{
    (void)arg;
    usleep(1000);
    _exit(4);
}

static void handler(void)
{
    printf("not reached\n");
}

int main(void)
{
    atexit(handler);
    printf("flushed\n");
    fflush(stdout);
    printf("never flushed\n");
    join(start(exits, NULL));
    return 5;
}
