// Detached threads can be neither joined nor detached again.
#include "fixture.h"

static struct gate hold = GATE_CLOSED, done = GATE_CLOSED;

static void *wait_hold(void *arg)
{
    gate_wait(&hold);
    if (arg)
        gate_open(&done);
    return NULL;
}

static void *detach_self(void *arg)
{
    long first = pthread_detach(pthread_self());
    long second = pthread_detach(pthread_self());
    printf("detach of oneself: %s\n", error_name(first));
    printf("and again: %s\n", error_name(second));
    gate_open(arg);
    return NULL;
}

int main(void)
{
    static struct gate told = GATE_CLOSED;
    pthread_attr_t attributes;
    pthread_t thread;

    thread = start(wait_hold, NULL);
    printf("detach: %s\n", error_name(pthread_detach(thread)));
    printf("detach again: %s\n", error_name(pthread_detach(thread)));
    printf("join: %s\n", error_name(pthread_join(thread, NULL)));

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    zero(pthread_create(&thread, &attributes, wait_hold, box(1)));
    printf("created detached; join: %s\n", error_name(pthread_join(thread, NULL)));
    printf("created detached; detach: %s\n", error_name(pthread_detach(thread)));
    zero(pthread_attr_destroy(&attributes));

    start(detach_self, &told);
    gate_wait(&told);
    gate_open(&hold);
    gate_wait(&done);
    return 0;
}
