// GREEN_DEBUG_BLOCKING names a thread that holds its carrier while it still does, for it may do so for good.
// env: GREEN_DEBUG_BLOCKING=20
// stderr-green: has held its carrier, and still does
#include "../fixture.h"
#include <sys/syscall.h>

// A read that no hook sees.
static long raw_read(int fd, void *to, size_t size)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "0"((long)SYS_read), "D"((long)fd), "S"(to), "d"(size) : "rcx", "r11", "memory");
    return r;
}

static int ends[2];

static void *stays(void *unused)
{
    char byte;
    (void)unused;
    return box(raw_read(ends[0], &byte, 1));
}

int main(void)
{
    must(pipe(ends));
    pthread_t thread = start(stays, NULL);
    usleep(1500000);
    write_all(ends[1], "x", 1);
    printf("read: %ld\n", unbox(join(thread)));
    // Its end is told, too, and would be the only line if the first had been missing.
    _exit(0);
}
