// Scheduling in attributes: what reads back, what is refused, and whether the thread gets it. A real-time policy needs privileges:
// without them pthread_create says EPERM, and a program falls back, as this one does.
#include "fixture.h"
#include <sched.h>

static void *tells(void *expected)
{
    struct sched_param param;
    int policy;
    zero(pthread_getschedparam(pthread_self(), &policy, &param));
    return box(policy == unbox(expected) && param.sched_priority == (policy == SCHED_FIFO ? 10 : 0));
}

// Whether the thread has the policy of the attributes, or the usual one if that isn't allowed.
static int runs_as(pthread_attr_t *attributes, int policy)
{
    pthread_t thread;
    int error = pthread_create(&thread, attributes, tells, box(policy));
    if (error == EPERM)
        error = pthread_create(&thread, NULL, tells, box(SCHED_OTHER));
    zero(error);
    return unbox(join(thread));
}

int main(void)
{
    struct sched_param param = {.sched_priority = 10}, got;
    pthread_attr_t attributes;
    int number;

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_getinheritsched(&attributes, &number));
    printf("inherits at first: %s", yes(number == PTHREAD_INHERIT_SCHED));
    zero(pthread_attr_getschedpolicy(&attributes, &number));
    printf(", policy OTHER: %s", yes(number == SCHED_OTHER));
    zero(pthread_attr_getschedparam(&attributes, &got));
    printf(", priority %d", got.sched_priority);
    zero(pthread_attr_getscope(&attributes, &number));
    printf(", system scope: %s\n", yes(number == PTHREAD_SCOPE_SYSTEM));

    printf("no such inheritance: %s", error_name(pthread_attr_setinheritsched(&attributes, 77)));
    printf(", priority 10 of OTHER: %s", error_name(pthread_attr_setschedparam(&attributes, &param)));
    printf(", process scope: %s", error_name(pthread_attr_setscope(&attributes, PTHREAD_SCOPE_PROCESS)));
    printf(", no such scope: %s\n", error_name(pthread_attr_setscope(&attributes, 77)));

    zero(pthread_attr_setschedpolicy(&attributes, SCHED_FIFO));
    printf("FIFO 10: %s", error_name(pthread_attr_setschedparam(&attributes, &param)));
    zero(pthread_attr_getschedparam(&attributes, &got));
    printf(", reads back: %d\n", got.sched_priority);
    printf("but inherited: %s\n", yes(runs_as(&attributes, SCHED_OTHER)));
    zero(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED));
    zero(pthread_attr_getinheritsched(&attributes, &number));
    printf("explicit: %s, runs so: %s\n", yes(number == PTHREAD_EXPLICIT_SCHED), yes(runs_as(&attributes, SCHED_FIFO)));

    param.sched_priority = 0;
    zero(pthread_attr_setschedpolicy(&attributes, SCHED_OTHER));
    zero(pthread_attr_setschedparam(&attributes, &param));
    printf("OTHER, explicit: %s\n", yes(runs_as(&attributes, SCHED_OTHER)));
    zero(pthread_attr_destroy(&attributes));
    return 0;
}
