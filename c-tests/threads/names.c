// Threads have names of up to 15 characters.
#include "fixture.h"

static struct gate hold = GATE_CLOSED;

static void *named(void *arg)
{
    char name[32];
    zero(pthread_setname_np(pthread_self(), arg));
    zero(pthread_getname_np(pthread_self(), name, sizeof name));
    printf("I am %s\n", name);
    return NULL;
}

static void *waits(void *arg)
{
    gate_wait(&hold);
    return arg;
}

int main(void)
{
    char name[32];
    join(start(named, "worker-1"));
    join(start(named, "fifteen letters"));

    pthread_t other = start(waits, NULL);
    zero(pthread_setname_np(other, "renamed"));
    zero(pthread_getname_np(other, name, sizeof name));
    printf("the other is %s\n", name);
    printf("too long: %s\n", error_name(pthread_setname_np(other, "sixteen letters!")));
    printf("too little room: %s\n", error_name(pthread_getname_np(other, name, 4)));
    gate_open(&hold);
    join(other);
    return 0;
}
