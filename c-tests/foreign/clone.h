// Threads by clone(2) alone: they have no TLS of their own, so they make system calls without libc.
#ifndef CLONE_H
#define CLONE_H
#include "fixture.h"
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { CLONE_STACK = 64 * 1024 };
#define CLONE_AS_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static inline long raw(long number, long a, long b, long c, long d)
{
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}

// The kernel sets *id now, clears it when the thread is gone, and then wakes who waits for it.
static inline void start_clone(int (*function)(void *), void *argument, pid_t *id)
{
    char *stack = mmap(NULL, CLONE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        die("mmap");
    int flags = CLONE_AS_THREAD | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    must(clone(function, stack + CLONE_STACK, flags, argument, id, NULL, id));
}

#endif
