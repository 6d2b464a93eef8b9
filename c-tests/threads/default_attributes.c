// pthread_setattr_default_np: what threads without attributes get from then on, and what it refuses.
#include "fixture.h"
#include <limits.h>

static size_t stack_size(pthread_t thread)
{
    pthread_attr_t attributes;
    size_t size;
    zero(pthread_getattr_np(thread, &attributes));
    zero(pthread_attr_getstacksize(&attributes, &size));
    zero(pthread_attr_destroy(&attributes));
    return size;
}

static void *has_at_least(void *size)
{
    return box(stack_size(pthread_self()) >= (size_t)unbox(size));
}

// Uses most of a stack of 32 MiB.
static void *uses_much(void *unused)
{
    volatile char much[30 << 20];
    (void)unused;
    for (size_t i = 0; i < sizeof much; i += 4096)
        much[i] = 1;
    usleep(1000);
    return box(much[4096]);
}

int main(void)
{
    pthread_attr_t attributes, now;
    struct rlimit limit;
    size_t size;
    int state;

    zero(pthread_getattr_default_np(&now));
    zero(pthread_attr_getstacksize(&now, &size));
    must(getrlimit(RLIMIT_STACK, &limit));
    printf("at first it's the limit: %s\n", yes(limit.rlim_cur == RLIM_INFINITY || size == limit.rlim_cur));
    zero(pthread_attr_destroy(&now));

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 32 << 20));
    zero(pthread_attr_setguardsize(&attributes, 16 * 1024));
    printf("set: %s\n", error_name(pthread_setattr_default_np(&attributes)));
    zero(pthread_getattr_default_np(&now));
    zero(pthread_attr_getstacksize(&now, &size));
    printf("reads back: %zu", size);
    zero(pthread_attr_getguardsize(&now, &size));
    printf(", guard %zu\n", size);
    zero(pthread_attr_destroy(&now));
    zero(pthread_attr_init(&now));
    zero(pthread_attr_getstacksize(&now, &size));
    printf("in fresh attributes: %zu\n", size);
    printf("threads get it: %ld\n", unbox(join(start(has_at_least, box(31 << 20)))));
    printf("and can use it: %ld\n", unbox(join(start(uses_much, NULL))));

    // Detached by default.
    zero(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    printf("detached: %s", error_name(pthread_setattr_default_np(&attributes)));
    zero(pthread_getattr_default_np(&now));
    zero(pthread_attr_getdetachstate(&now, &state));
    printf(", reads back: %s\n", yes(state == PTHREAD_CREATE_DETACHED));
    zero(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_JOINABLE));
    zero(pthread_setattr_default_np(&attributes));

    // A size of 0 leaves the size as it is; a stack address makes no default.
    static char memory[256 * 1024];
    zero(pthread_attr_setstack(&attributes, memory, sizeof memory));
    printf("with a stack address: %s\n", error_name(pthread_setattr_default_np(&attributes)));
    zero(pthread_attr_destroy(&attributes));
    zero(pthread_attr_destroy(&now));
    return 0;
}
