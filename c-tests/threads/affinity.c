// Which processors a thread may run on: pthread_setaffinity_np of oneself and of another; new threads inherit it, others keep theirs.
#include "fixture.h"
#include <sched.h>

static cpu_set_t at_first, one;
static struct gate ready = GATE_CLOSED, changed = GATE_CLOSED;

static const char *which(pthread_t thread)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    zero(pthread_getaffinity_np(thread, sizeof set, &set));
    return CPU_EQUAL(&set, &one) ? "one" : CPU_EQUAL(&set, &at_first) ? "all" : "others";
}

static void *inherits(void *unused)
{
    printf("its thread: %s\n", which(pthread_self()));
    return unused;
}

static void *pins_itself(void *unused)
{
    printf("a thread: %s", which(pthread_self()));
    printf(", sets one: %s", error_name(pthread_setaffinity_np(pthread_self(), sizeof one, &one)));
    printf(", has: %s", which(pthread_self()));
    usleep(1000);
    printf(", after a wait: %s\n", which(pthread_self()));
    join(start(inherits, NULL));
    return unused;
}

static void *waits(void *unused)
{
    gate_open(&ready);
    gate_wait(&changed);
    printf("changed by main: %s\n", which(pthread_self()));
    return unused;
}

int main(void)
{
    cpu_set_t set;
    must(sched_getaffinity(0, sizeof at_first, &at_first));
    CPU_ZERO(&one);
    for (int i = CPU_SETSIZE - 1; i >= 0 && CPU_COUNT(&one) == 0; i--)
        if (CPU_ISSET(i, &at_first))
            CPU_SET(i, &one);

    join(start(pins_itself, NULL));
    printf("main: %s\n", which(pthread_self()));
    pthread_t other = start(waits, NULL);
    gate_wait(&ready);
    printf("another: %s", error_name(pthread_setaffinity_np(other, sizeof one, &one)));
    printf(", has: %s, main: %s\n", which(other), which(pthread_self()));
    gate_open(&changed);
    join(other);

    CPU_ZERO(&set);
    printf("none: %s", error_name(pthread_setaffinity_np(pthread_self(), sizeof set, &set)));
    CPU_SET(CPU_SETSIZE - 1, &set);
    printf(", one that isn't there: %s", error_name(pthread_setaffinity_np(pthread_self(), sizeof set, &set)));
    printf(", too little room: %s\n", error_name(pthread_getaffinity_np(pthread_self(), 1, &set)));
    printf("sched_setaffinity of oneself: %s", answer(sched_setaffinity(0, sizeof one, &one)));
    printf(", main: %s\n", which(pthread_self()));
    return 0;
}
