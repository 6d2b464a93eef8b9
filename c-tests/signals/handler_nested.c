// A handler that is interrupted by another signal's, which waits too; its own signal stays out until it returns, unless SA_NODEFER
// lets it in; SA_RESETHAND makes it the last. On main and on a worker.
#include "signals.h"

static int ends[2];
static volatile int depth, deepest, times;

static void inner(int number)
{
    char byte;
    printf("    inner begins, depth %d, SIGUSR1 blocked: %d, SIGUSR2 blocked: %d\n", ++depth, is_blocked(SIGUSR1), is_blocked(SIGUSR2));
    must(read(ends[0], &byte, 1)); // another thread runs, and writes
    printf("    inner ends\n");
    depth--;
    (void)number;
}

static void outer(int number)
{
    printf("  outer begins, depth %d\n", ++depth);
    raise(SIGUSR2);
    printf("  the inner one is through\n");
    if (times++ == 0)
        raise(number); // not before this one returns
    printf("  outer ends, pending: %d\n", is_pending(number));
    depth--;
}

static void nests(int number)
{
    if (++depth > deepest)
        deepest = depth;
    usleep(100);
    if (depth < 5)
        raise(number);
    depth--;
}

static void *writes(void *unused)
{
    for (int i = 0; i < 2; i++) {
        usleep(2000);
        must(write(ends[1], "x", 1));
    }
    return unused;
}

static void *test(void *who)
{
    struct sigaction old;
    printf("%s\n", (char *)who);
    times = deepest = 0;
    signal(SIGUSR1, outer);
    signal(SIGUSR2, inner);
    pthread_t writer = start(writes, NULL);
    raise(SIGUSR1);
    join(writer);
    must(sigaction(SIGHUP, &(struct sigaction){.sa_handler = nests, .sa_flags = SA_NODEFER}, NULL));
    raise(SIGHUP);
    printf("  SA_NODEFER, how deep: %d\n", deepest);
    must(sigaction(SIGHUP, &(struct sigaction){.sa_handler = nests, .sa_flags = SA_RESETHAND | SA_NODEFER}, NULL));
    depth = 4;
    raise(SIGHUP);
    depth = 0;
    must(sigaction(SIGHUP, NULL, &old));
    printf("  SA_RESETHAND, default again: %s\n", yes(old.sa_handler == SIG_DFL));
    return NULL;
}

int main(void)
{
    must(pipe(ends));
    test("main");
    join(start(test, "a worker"));
    return 0;
}
