// Threads that hand a turn round by sched_yield alone: nobody waits, all must still come to run.
#include "fixture.h"
#include <sched.h>
#include <stdatomic.h>

enum { N = 4, ROUNDS = 200 };
static atomic_int turn;

static void *player(void *arg)
{
    int me = unbox(arg);
    for (int round = 0; round < ROUNDS; round++) {
        while (atomic_load(&turn) % N != me)
            sched_yield();
        atomic_fetch_add(&turn, 1);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = start(player, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("turns: %d\n", atomic_load(&turn));
    printf("sched_yield answers %d\n", sched_yield());
    return 0;
}
