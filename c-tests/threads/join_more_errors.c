// More answers of the join family: to oneself, to detached threads, to times gone by; all leave the thread joinable.
// (Nanoseconds out of range and clocks that don't serve are left out: glibc 2.36 then tries again and again until the thread ends.)
#include "fixture.h"

static struct gate hold = GATE_CLOSED;

static void *waits(void *arg)
{
    gate_wait(&hold);
    return arg;
}

static void *joins_itself(void *unused)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 20);
    pthread_t me = pthread_self();
    printf("oneself: join %s", error_name(pthread_join(me, NULL)));
    printf(", tryjoin %s", error_name(pthread_tryjoin_np(me, NULL)));
    printf(", timedjoin %s", error_name(pthread_timedjoin_np(me, NULL, &when)));
    printf(", clockjoin %s\n", error_name(pthread_clockjoin_np(me, NULL, CLOCK_REALTIME, &when)));
    return unused;
}

static void timed(const char *name, pthread_t thread, time_t seconds, long nanoseconds)
{
    struct timespec when = {seconds, nanoseconds};
    printf("%s: timedjoin %s", name, error_name(pthread_timedjoin_np(thread, NULL, &when)));
    printf(", clockjoin %s\n", error_name(pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &when)));
}

int main(void)
{
    struct timespec when;
    pthread_t thread = start(waits, box(7));
    void *value = NULL;

    join(start(joins_itself, NULL));
    timed("in the past", thread, 1, 0);
    timed("at zero", thread, 0, 0);
    timed("before zero", thread, -1, 0);
    when = in_ms(CLOCK_MONOTONIC, 20);
    printf("clockjoin for 20 ms: %s\n", error_name(pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &when)));
    printf("tryjoin: %s\n", error_name(pthread_tryjoin_np(thread, NULL)));

    pthread_t detached = start(waits, NULL);
    zero(pthread_detach(detached));
    printf("a detached one: detach %s", error_name(pthread_detach(detached)));
    printf(", join %s", error_name(pthread_join(detached, NULL)));
    printf(", tryjoin %s", error_name(pthread_tryjoin_np(detached, NULL)));
    printf(", timedjoin %s\n", error_name(pthread_timedjoin_np(detached, NULL, &when)));

    gate_open(&hold);
    when = in_ms(CLOCK_MONOTONIC, 30000);
    printf("it ends: %s", error_name(pthread_clockjoin_np(thread, &value, CLOCK_MONOTONIC, &when)));
    printf(" %ld\n", unbox(value));
    return 0;
}
