// A new thread has its creator's name; pthread_setname_np, prctl and others all change the same one.
#include "fixture.h"
#include <sys/prctl.h>

static struct gate ready = GATE_CLOSED, go = GATE_CLOSED;

static const char *name_of(pthread_t thread)
{
    static __thread char name[16];
    zero(pthread_getname_np(thread, name, sizeof name));
    return name;
}

static const char *by_prctl(void)
{
    static __thread char name[16];
    must(prctl(PR_GET_NAME, name));
    return name;
}

static void *grandchild(void *unused)
{
    printf("its thread: %s\n", name_of(pthread_self()));
    return unused;
}

static void *thread(void *unused)
{
    printf("a new one: %s %s\n", name_of(pthread_self()), by_prctl());
    must(prctl(PR_SET_NAME, "by prctl, cut off at fifteen"));
    printf("then: %s\n", name_of(pthread_self()));
    usleep(1000);
    printf("after a wait: %s\n", by_prctl());
    join(start(grandchild, NULL));
    gate_open(&ready);
    gate_wait(&go);
    printf("by main: %s %s\n", name_of(pthread_self()), by_prctl());
    return unused;
}

int main(void)
{
    char name[32];
    zero(pthread_setname_np(pthread_self(), "first"));
    pthread_t other = start(thread, NULL);
    gate_wait(&ready);
    printf("main: %s %s, the other: %s\n", name_of(pthread_self()), by_prctl(), name_of(other));
    printf("empty: %s\n", error_name(pthread_setname_np(other, "")));
    printf("it is: \"%s\"\n", name_of(other));
    zero(pthread_setname_np(other, "given"));
    printf("15 bytes of room: %s", error_name(pthread_getname_np(other, name, 15)));
    printf(", 16: %s", error_name(pthread_getname_np(other, name, 16)));
    printf(", 0: %s", error_name(pthread_getname_np(other, name, 0)));
    printf(", a name of 16: %s\n", error_name(pthread_setname_np(other, "0123456789abcdef")));
    gate_open(&go);
    join(other);
    printf("main: %s\n", by_prctl());
    return 0;
}
