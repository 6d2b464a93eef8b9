// signal: SIGSEGV
// green: lost
// stderr: ignore
// Below the stack, where pthread_getattr_np says that it ends, is the guard that was asked for: to touch its middle is SIGSEGV.
#include "fixture.h"

static void *touches(void *unused)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    (void)unused;
    zero(pthread_getattr_np(pthread_self(), &attributes));
    zero(pthread_attr_getstack(&attributes, &low, &size));
    zero(pthread_attr_destroy(&attributes));
    printf("the lowest byte: %d\n", ((volatile char *)low)[0]);
    fflush(stdout);
    printf("below it: %d\n", ((volatile char *)low)[-32 * 1024]);
    return NULL;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 256 * 1024));
    zero(pthread_attr_setguardsize(&attributes, 64 * 1024));
    zero(pthread_create(&thread, &attributes, touches, NULL));
    join(thread);
    return 0;
}
