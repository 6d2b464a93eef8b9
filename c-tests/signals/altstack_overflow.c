// Threads that overflow their stacks again and again, and whose SIGSEGV handler, on a stack of its own, jumps back.
#include "signals.h"
#include <setjmp.h>

enum { N = 4, ROUNDS = 5, SIZE = 32 * 1024 };
static __thread sigjmp_buf back;
static __thread char *lower;
static __thread volatile int on_it;
static volatile int bottomless = 1;

static void handler(int number)
{
    char local;
    (void)number;
    on_it = &local >= lower && &local < lower + SIZE;
    siglongjmp(back, 1);
}

static long recurse(long depth)
{
    volatile char frame[512];
    frame[depth % sizeof frame] = 1;
    return bottomless ? recurse(depth + 1) + frame[0] : depth;
}

static void *overflows(void *unused)
{
    stack_t mine = {.ss_size = SIZE};
    volatile long recovered = 0;
    (void)unused;
    mine.ss_sp = lower = malloc(SIZE);
    must(sigaltstack(&mine, NULL));
    for (volatile int i = 0; i < ROUNDS; i++) {
        on_it = 0;
        if (sigsetjmp(back, 1) == 0)
            recurse(0);
        else if (on_it && !is_blocked(SIGSEGV))
            recovered++;
        usleep(100);
    }
    free(lower);
    return box(recovered);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    pthread_t threads[N];
    must(sigaction(SIGSEGV, &action, NULL));
    for (int i = 0; i < N; i++)
        threads[i] = start_small(overflows, NULL);
    for (int i = 0; i < N; i++)
        printf("recovered: %ld\n", unbox(join(threads[i])));
    return 0;
}
