// __thread variables: every thread starts with the initial values, also in memory that an ended thread used before.
#include "fixture.h"

enum { N = 40, ROUNDS = 5 };
static __thread int initialised = 42;
static __thread int zeroed;
static __thread const char *pointer = "initial";
static __thread char large[20000];
static __thread struct { char c; double d; } __attribute__((aligned(64))) aligned = {'a', 2.5};
static struct gate go = GATE_CLOSED;

static int untouched(void)
{
    int sum = 0;
    for (size_t i = 0; i < sizeof large; i++)
        sum |= large[i];
    return initialised == 42 && zeroed == 0 && strcmp(pointer, "initial") == 0 && sum == 0 && aligned.c == 'a' &&
           aligned.d == 2.5 && (uintptr_t)&aligned % 64 == 0;
}

static void *thread(void *arg)
{
    long me = unbox(arg), right = untouched();
    char name[16];

    snprintf(name, sizeof name, "thread %ld", me);
    initialised = me;
    zeroed = -me;
    pointer = name;
    memset(large, 1 + me, sizeof large);
    aligned.c = 'z';
    aligned.d = me;
    gate_wait(&go); // all are alive at once
    usleep(1000);
    right += initialised == me && zeroed == -me && pointer == name && large[0] == 1 + me &&
             large[sizeof large - 1] == 1 + me && aligned.c == 'z' && aligned.d == me;
    return box(right);
}

int main(void)
{
    pthread_t threads[N];

    initialised = 7;
    zeroed = 8;
    for (int round = 0; round < ROUNDS; round++) { // later rounds reuse what earlier ones left
        long right = 0;
        go.open = 0;
        for (long i = 0; i < N; i++)
            threads[i] = i % 2 ? start(thread, box(i)) : start_small(thread, box(i));
        gate_open(&go);
        for (int i = 0; i < N; i++)
            right += unbox(join(threads[i]));
        printf("round %d: %ld of %d\n", round, right, 2 * N);
    }
    printf("main's own: %d %d\n", initialised, zeroed);
    return 0;
}
