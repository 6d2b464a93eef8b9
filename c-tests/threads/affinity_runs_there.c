// Threads that pin themselves to one processor run there, whatever they wait for in between.
#include "fixture.h"
#include <sched.h>

enum { N = 8 };
static int processors[CPU_SETSIZE], count;

static void *pinned(void *arg)
{
    int mine = processors[unbox(arg) % count];
    long right = 0;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(mine, &set);
    zero(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
    for (int i = 0; i < 20; i++) {
        right += sched_getcpu() == mine;
        if (i % 4 == 0)
            usleep(500);
        else
            sched_yield();
    }
    return box(right);
}

int main(void)
{
    pthread_t threads[N];
    cpu_set_t all;
    must(sched_getaffinity(0, sizeof all, &all));
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all))
            processors[count++] = i;
    for (int i = 0; i < N; i++)
        threads[i] = start(pinned, box(i));
    for (int i = 0; i < N; i++)
        printf("on its processor: %ld of 20\n", unbox(join(threads[i])));
    return 0;
}
