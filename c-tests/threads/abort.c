// signal: SIGABRT
// green: lost
// A failed assertion on a thread: the message of assert(3), then SIGABRT.
#include "fixture.h"
#undef NDEBUG
#include <assert.h>

static void *fails(void *arg)
{
    assert(arg != NULL);
    return arg;
}

int main(void)
{
    printf("before\n");
    fflush(stdout);
    join(start(fails, NULL));
    return 0;
}
