// Policies and priorities that need no privileges: pthread_getschedparam, pthread_setschedparam, pthread_setschedprio.
#include "fixture.h"
#include <sched.h>

static struct gate hold = GATE_CLOSED, ready = GATE_CLOSED;

static const char *policy_name(int policy)
{
    switch (policy) {
    case SCHED_OTHER:
        return "OTHER";
    case SCHED_BATCH:
        return "BATCH";
    case SCHED_FIFO:
        return "FIFO";
    case SCHED_RR:
        return "RR";
    default:
        return "?";
    }
}

static void show(const char *who, pthread_t thread)
{
    struct sched_param param = {.sched_priority = 99};
    int policy = 99, error = pthread_getschedparam(thread, &policy, &param);
    printf("%s: %s, %s %d\n", who, error_name(error), policy_name(policy), param.sched_priority);
}

static const char *set(pthread_t thread, int policy, int priority)
{
    struct sched_param param = {.sched_priority = priority};
    return error_name(pthread_setschedparam(thread, policy, &param));
}

static void refusals(const char *who, pthread_t thread)
{
    printf("%s: OTHER 0 %s", who, set(thread, SCHED_OTHER, 0));
    printf(", OTHER 1 %s", set(thread, SCHED_OTHER, 1));
    printf(", OTHER -1 %s", set(thread, SCHED_OTHER, -1));
    printf(", FIFO 0 %s", set(thread, SCHED_FIFO, 0));
    printf(", RR 100 %s", set(thread, SCHED_RR, 100));
    printf(", no such policy %s\n", set(thread, 77, 0));
    printf("  setschedprio: 0 %s", error_name(pthread_setschedprio(thread, 0)));
    printf(", 1 %s", error_name(pthread_setschedprio(thread, 1)));
    printf(", -1 %s\n", error_name(pthread_setschedprio(thread, -1)));
}

static void *new_one(void *unused)
{
    show("its thread", pthread_self());
    return unused;
}

static void *thread(void *unused)
{
    show("a thread", pthread_self());
    refusals("oneself", pthread_self());
    show("still", pthread_self());
    printf("BATCH: %s\n", set(pthread_self(), SCHED_BATCH, 0));
    usleep(1000);
    show("a thread", pthread_self());
    join(start(new_one, NULL));
    gate_open(&ready);
    gate_wait(&hold);
    show("changed by main", pthread_self());
    return unused;
}

int main(void)
{
    pthread_t other = start(thread, NULL);
    gate_wait(&ready);
    show("main", pthread_self());
    show("the other", other);
    printf("back: %s\n", set(other, SCHED_OTHER, 0));
    show("the other", other);
    refusals("the other", other);
    gate_open(&hold);
    join(other);
    refusals("main", pthread_self());
    show("main", pthread_self());
    return 0;
}
