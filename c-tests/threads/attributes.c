// Attributes: what is set can be read back, what is asked for is given, nonsense is refused.
#include "fixture.h"
#include <limits.h>

static void *look(void *arg)
{
    long asked = unbox(arg);
    pthread_attr_t mine;
    void *low;
    size_t size, guard;
    int state;
    char local;

    zero(pthread_getattr_np(pthread_self(), &mine));
    zero(pthread_attr_getstack(&mine, &low, &size));
    zero(pthread_attr_getguardsize(&mine, &guard));
    zero(pthread_attr_getdetachstate(&mine, &state));
    zero(pthread_attr_destroy(&mine));
    printf("  as large as asked: %s\n", yes(size + guard >= (size_t)asked));
    printf("  a local lies inside: %s\n", yes(&local >= (char *)low && &local < (char *)low + size));
    printf("  there is a guard: %s\n", yes(guard > 0));
    printf("  detached: %s\n", yes(state == PTHREAD_CREATE_DETACHED));
    return NULL;
}

static void *announce(void *arg)
{
    look(box(256 * 1024));
    gate_open(arg);
    return NULL;
}

int main(void)
{
    static struct gate done = GATE_CLOSED;
    pthread_attr_t attributes;
    pthread_t thread;
    size_t size;
    int number;

    zero(pthread_attr_init(&attributes));
    printf("default stack:\n");
    zero(pthread_attr_getstacksize(&attributes, &size));
    join(start(look, box(size)));

    for (long kib = 64; kib <= 4096; kib *= 8) {
        printf("%ld KiB:\n", kib);
        zero(pthread_attr_setstacksize(&attributes, kib * 1024));
        zero(pthread_attr_getstacksize(&attributes, &size));
        printf("  reads back: %zu\n", size);
        zero(pthread_create(&thread, &attributes, look, box(kib * 1024)));
        join(thread);
    }
    printf("no page multiple:\n");
    zero(pthread_attr_setstacksize(&attributes, 100001));
    zero(pthread_create(&thread, &attributes, look, box(100001)));
    join(thread);

    printf("detached:\n");
    zero(pthread_attr_setstacksize(&attributes, 256 * 1024));
    zero(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    zero(pthread_attr_getdetachstate(&attributes, &number));
    printf("  reads back: %s\n", yes(number == PTHREAD_CREATE_DETACHED));
    zero(pthread_create(&thread, &attributes, announce, &done));
    gate_wait(&done);

    printf("too small a stack: %s\n", error_name(pthread_attr_setstacksize(&attributes, 1000)));
    printf("no such detach state: %s\n", error_name(pthread_attr_setdetachstate(&attributes, 77)));
    printf("no such policy: %s\n", error_name(pthread_attr_setschedpolicy(&attributes, 77)));
    printf("null stack: %s\n", error_name(pthread_attr_setstack(&attributes, NULL, 16)));
    zero(pthread_attr_destroy(&attributes));

    // A stack that no machine has.
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 1UL << 47));
    printf("a stack of 128 TiB: %s\n", error_name(pthread_create(&thread, &attributes, look, NULL)));
    zero(pthread_attr_destroy(&attributes));
    return 0;
}
