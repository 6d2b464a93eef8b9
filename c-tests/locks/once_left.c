// The routine of pthread_once is left by pthread_exit or a cancellation while others wait for it: one of them runs it again. And one
// that calls pthread_once for something else.
#include "fixture.h"

enum { N = 8 };
static pthread_once_t once, inner, outer = PTHREAD_ONCE_INIT;
static int runs, cancelled, line[2];
static struct gate inside = GATE_CLOSED;

static void leaves_once(void)
{
    char byte;
    if (runs++ > 0)
        return;
    gate_open(&inside);
    must(read(line[0], &byte, 1)); // may be cancelled here
    pthread_exit(box(7));
}

static void *first(void *unused)
{
    zero(pthread_once(&once, leaves_once));
    return unused;
}

static void *later(void *unused)
{
    (void)unused;
    gate_wait(&inside);
    zero(pthread_once(&once, leaves_once));
    return box(runs);
}

static void inner_routine(void)
{
    usleep(500);
    runs += 10;
}

static void outer_routine(void)
{
    zero(pthread_once(&inner, inner_routine));
    usleep(500);
    runs += 100;
}

static void *nested(void *unused)
{
    (void)unused;
    zero(pthread_once(&outer, outer_routine));
    zero(pthread_once(&inner, inner_routine));
    return box(runs);
}

int main(void)
{
    pthread_t threads[N], leaving;
    must(pipe(line));
    for (cancelled = 0; cancelled < 2; cancelled++) {
        long saw = 0;
        once = PTHREAD_ONCE_INIT;
        runs = inside.open = 0;
        leaving = start(first, NULL);
        for (int i = 0; i < N; i++)
            threads[i] = start(later, NULL);
        gate_wait(&inside);
        let_it_block();
        if (cancelled)
            zero(pthread_cancel(leaving));
        else
            must(write(line[1], "", 1));
        void *result = join(leaving);
        printf("left by %s: %s", cancelled ? "cancellation" : "pthread_exit",
               yes(result == (cancelled ? PTHREAD_CANCELED : box(7))));
        for (int i = 0; i < N; i++)
            saw += unbox(join(threads[i]));
        printf(", runs: %d, the others saw: %ld\n", runs, saw);
    }
    long saw = 0;
    runs = 0;
    inner = PTHREAD_ONCE_INIT;
    for (int i = 0; i < N; i++)
        threads[i] = start(nested, NULL);
    for (int i = 0; i < N; i++)
        saw += unbox(join(threads[i]));
    printf("nested: %d, seen: %ld\n", runs, saw);
    return 0;
}
