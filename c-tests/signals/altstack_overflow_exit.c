// exit: 7
// green: lost
// A thread overflows its stack; the SIGSEGV handler, on a signal stack, says so and ends the process.
#include "signals.h"

static volatile int bottomless = 1;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (number == SIGSEGV)
        must(write(STDOUT_FILENO, "overflow\n", 9));
    _exit(7);
}

static long recurse(long depth)
{
    volatile char frame[512];
    frame[depth % sizeof frame] = 1;
    return bottomless ? recurse(depth + 1) + frame[0] : depth;
}

static void *overflows(void *unused)
{
    stack_t mine = {.ss_sp = malloc(32 * 1024), .ss_size = 32 * 1024};
    (void)unused;
    must(sigaltstack(&mine, NULL));
    return box(recurse(0));
}

int main(void)
{
    handle(SIGSEGV, handler, SA_ONSTACK);
    join(start_small(overflows, NULL));
    printf("not reached\n");
    return 0;
}
