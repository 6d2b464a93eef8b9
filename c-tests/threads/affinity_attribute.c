// pthread_attr_setaffinity_np: the processors that a thread begins on.
#include "fixture.h"
#include <sched.h>

static cpu_set_t one;

static void *tells(void *unused)
{
    cpu_set_t set;
    (void)unused;
    zero(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
    return box(CPU_EQUAL(&set, &one) != 0);
}

int main(void)
{
    cpu_set_t all, set;
    pthread_attr_t attributes;
    pthread_t thread;

    must(sched_getaffinity(0, sizeof all, &all));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_getaffinity_np(&attributes, sizeof set, &set));
    printf("unset: %d\n", CPU_COUNT(&set));
    printf("set: %s", error_name(pthread_attr_setaffinity_np(&attributes, sizeof one, &one)));
    zero(pthread_attr_getaffinity_np(&attributes, sizeof set, &set));
    printf(", reads back: %s", yes(CPU_EQUAL(&set, &one)));
    zero(pthread_create(&thread, &attributes, tells, NULL));
    printf(", the thread has it: %ld\n", unbox(join(thread)));
    sched_getaffinity(0, sizeof set, &set);
    printf("main keeps its own: %s\n", yes(CPU_EQUAL(&set, &all)));

    CPU_ZERO(&set);
    CPU_SET(CPU_SETSIZE - 1, &set);
    zero(pthread_attr_setaffinity_np(&attributes, sizeof set, &set));
    printf("a processor that isn't there: %s\n", error_name(pthread_create(&thread, &attributes, tells, NULL)));
    zero(pthread_attr_setaffinity_np(&attributes, 0, &set));
    zero(pthread_create(&thread, &attributes, tells, NULL));
    join(thread);
    printf("unset again: created\n");
    zero(pthread_attr_destroy(&attributes));
    return 0;
}
