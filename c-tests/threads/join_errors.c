// The answers of the join family when it cannot join, or not yet.
// (Two threads that join one, or each other, are left out: glibc 2.36 means to refuse them and by mistake lets them wait.)
#include "fixture.h"

static void *wait_gate(void *arg)
{
    gate_wait(arg);
    return box(5);
}

static void *join_self(void *arg)
{
    (void)arg;
    return box(pthread_join(pthread_self(), NULL));
}

int main(void)
{
    struct gate gate = GATE_CLOSED;
    struct timespec when;
    void *value = NULL;
    double before;

    printf("main joins itself: %s\n", error_name(pthread_join(pthread_self(), NULL)));
    printf("a thread joins itself: %s\n", error_name(unbox(join(start(join_self, NULL)))));

    pthread_t target = start(wait_gate, &gate);
    printf("tryjoin of a running thread: %s\n", error_name(pthread_tryjoin_np(target, &value)));
    before = now_ms();
    when = in_ms(CLOCK_REALTIME, 50);
    printf("timedjoin of a running thread: %s\n", error_name(pthread_timedjoin_np(target, &value, &when)));
    printf("it waited: %s\n", yes(now_ms() - before >= 49));
    when = (struct timespec){1, 0};
    printf("timedjoin in the past: %s\n", error_name(pthread_timedjoin_np(target, &value, &when)));
    when = in_ms(CLOCK_MONOTONIC, 50);
    printf("clockjoin of a running thread: %s\n", error_name(pthread_clockjoin_np(target, &value, CLOCK_MONOTONIC, &when)));
    gate_open(&gate);
    when = in_ms(CLOCK_REALTIME, 30000);
    printf("timedjoin of one that ends: %s", error_name(pthread_timedjoin_np(target, &value, &when)));
    printf(" %ld\n", unbox(value));

    target = start(wait_gate, &gate); // open by now
    int error;
    while ((error = pthread_tryjoin_np(target, &value)) == EBUSY)
        sched_yield();
    printf("tryjoin until it ends: %s %ld\n", error_name(error), unbox(value));
    return 0;
}
