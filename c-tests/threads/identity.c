// Every thread is itself, and nobody else.
#include "fixture.h"

enum { N = 50 };
static pthread_t seen[N];
static struct gate go = GATE_CLOSED;

static void *thread(void *arg)
{
    long i = unbox(arg);
    seen[i] = pthread_self();
    gate_wait(&go); // all are alive at once
    return box(pthread_equal(seen[i], pthread_self()) != 0);
}

int main(void)
{
    pthread_t threads[N], me = pthread_self();
    int same = 0, stayed = 0, twins = 0;
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    gate_open(&go);
    for (int i = 0; i < N; i++)
        stayed += unbox(join(threads[i])) == 1;
    for (int i = 0; i < N; i++) {
        same += pthread_equal(threads[i], seen[i]) != 0;
        twins += pthread_equal(seen[i], me) != 0;
        for (int j = 0; j < i; j++)
            twins += pthread_equal(seen[i], seen[j]) != 0;
    }
    printf("self is what create gave: %d of %d\n", same, N);
    printf("self stayed across a wait: %d of %d\n", stayed, N);
    printf("equal pairs: %d\n", twins);
    printf("main is still main: %s\n", yes(pthread_equal(me, pthread_self())));
    return 0;
}
