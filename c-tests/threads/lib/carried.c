// Functions for threads, in a library of their own.
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Whether the calling thread is always on one kernel thread, which isn't main's.
void *carried(void *unused)
{
    long id = syscall(SYS_gettid);
    intptr_t same = id != getpid();
    (void)unused;
    for (int i = 0; i < 20; i++) {
        usleep(200);
        same &= syscall(SYS_gettid) == id;
    }
    return (void *)same;
}

// Calls a function with an argument.
void *relays(void *call)
{
    return ((void *(*)(void *))((void **)call)[0])(((void **)call)[1]);
}
