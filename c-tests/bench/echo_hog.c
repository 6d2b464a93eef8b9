// An echo server with a thread per connection, and in the same process a hog: something that never gives its processor
// back by a call that a library could see.
//
//     echo_hog KIND AFTER      listens on a free port of 127.0.0.1 and prints it
//
//     none     no hog
//     spin     a thread in for(;;)
//     read     a thread in a raw read(2) of a pipe that stays empty
//     fault    a thread that maps, touches and unmaps memory by raw system calls, forever
//     main     main itself computes; another thread accepts
//
// The hog begins when AFTER connections have been accepted. Raw system calls stand for what no preloaded library hooks:
// static code, inline assembly, libraries with calls of their own. Its client is echo_hog_load.c; run by
// scripts/bench/hogs.sh. SIGTERM ends it.
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "echo_server.h"

#define STACK_SIZE (64 * 1024)
#define STORM_SIZE (4 * 1024 * 1024)

// ---- the hogs

static void spin(void) {
    volatile uint64_t x = 1;
    for (;;)
        x = x * 6364136223846793005ull + 1;
}

// The kernel's raw calls, without even libc's syscall(), which a library may hook.
static long raw(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void read_nothing(void) {
    int fds[2];
    char byte;
    if (pipe(fds) != 0)
        die("pipe");
    for (;;)
        raw(SYS_read, fds[0], (long)&byte, 1, 0, 0, 0);
}

static void fault(void) {
    for (;;) {
        long at = raw(SYS_mmap, 0, STORM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at < 0 && at > -4096)
            abort();
        for (long i = 0; i < STORM_SIZE; i += 4096)
            *(volatile char *)(at + i) = 1;
        raw(SYS_munmap, at, STORM_SIZE, 0, 0, 0, 0);
    }
}

static void *hog_thread(void *hog) {
    while (sem_wait(&go) != 0)
        ;
    ((void (*)(void))hog)();
    return NULL;
}

// ---- the server

static void *accepts(void *arg) {
    pthread_attr_t attr;
    detached(&attr, STACK_SIZE);
    accept_all(&attr, 1);
    return arg;
}

int main(int argc, char **argv) {
    const char *kind = argc > 2 ? argv[1] : "";
    void (*hog)(void) = strcmp(kind, "spin") == 0 || strcmp(kind, "main") == 0 ? spin
                        : strcmp(kind, "read") == 0                            ? read_nothing
                        : strcmp(kind, "fault") == 0                           ? fault
                                                                               : NULL;

    if (!hog && strcmp(kind, "none") != 0) {
        fprintf(stderr, "usage: echo_hog none|spin|read|fault|main AFTER\n");
        return 2;
    }
    after = atol(argv[2]);
    prepare_server();
    start_listening();

    // Who accepts and who computes: main accepts, unless it is the hog itself.
    if (strcmp(kind, "main") == 0) {
        start(NULL, accepts, 0);
        hog_thread((void *)hog);
    }
    if (hog)
        start(NULL, hog_thread, (long)hog);
    accepts(NULL);
}
