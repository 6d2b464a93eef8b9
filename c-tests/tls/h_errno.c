// h_errno and what dlerror will say are each thread's own: others see nothing of them, at the same time or afterwards.
#include "fixture.h"
#include <dlfcn.h>
#include <netdb.h>

static struct gate failed = GATE_CLOSED, looked = GATE_CLOSED;

static void *fails(void *unused)
{
    printf("dlopen: %s\n", dlopen("/no-such-library.so", RTLD_NOW) ? "opened" : "failed");
    h_errno = NO_RECOVERY;
    gate_open(&failed);
    gate_wait(&looked);
    printf("mine: dlerror %s", dlerror() ? "set" : "not set");
    printf(", h_errno %s\n", h_errno == NO_RECOVERY ? "kept" : "lost");
    return unused;
}

static void *looks(void *unused)
{
    gate_wait(&failed);
    printf("other's: dlerror %s, h_errno %d\n", dlerror() ? "set" : "not set", h_errno);
    h_errno = TRY_AGAIN;
    gate_open(&looked);
    return unused;
}

static void *leaves(void *unused)
{
    dlopen("/no-such-library.so", RTLD_NOW);
    h_errno = NO_RECOVERY;
    return unused;
}

static void *finds(void *unused)
{
    printf("a later thread's: dlerror %s, h_errno %d\n", dlerror() ? "set" : "not set", h_errno);
    return unused;
}

int main(void)
{
    h_errno = HOST_NOT_FOUND;
    pthread_t one = start(fails, NULL), two = start(looks, NULL);
    join(one);
    join(two);
    for (int i = 0; i < 5; i++) {
        join(start(leaves, NULL));
        join(start(finds, NULL));
    }
    printf("main's: dlerror %s, h_errno %s\n", dlerror() ? "set" : "not set", h_errno == HOST_NOT_FOUND ? "kept" : "lost");
    return 0;
}
