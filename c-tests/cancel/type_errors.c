// What the calls about cancellation refuse, what they say it was before, and that a new thread begins enabled and deferred.
#include "fixture.h"

static void *tells(void *who)
{
    int state = -1, type = -1;
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state));
    zero(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type));
    printf("%s: enabled %s, deferred %s\n", (char *)who, yes(state == PTHREAD_CANCEL_ENABLE), yes(type == PTHREAD_CANCEL_DEFERRED));
    usleep(1000);
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state));
    zero(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type));
    printf("  after a wait: disabled %s, asynchronous %s\n", yes(state == PTHREAD_CANCEL_DISABLE), yes(type == PTHREAD_CANCEL_ASYNCHRONOUS));
    printf("  no such state: %s", error_name(pthread_setcancelstate(77, &state)));
    printf(", no such type: %s\n", error_name(pthread_setcanceltype(77, &type)));
    printf("  nowhere to tell: %s", error_name(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL)));
    printf(" %s\n", error_name(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL)));
    return NULL;
}

static void *creates(void *unused)
{
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL));
    zero(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
    join(start(tells, "a thread of one that is disabled"));
    return unused;
}

int main(void)
{
    tells("main");
    join(start(tells, "a thread"));
    join(start(creates, NULL));
    return 0;
}
