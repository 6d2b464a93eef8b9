// A thread calls exit while others wait: handlers run, buffers are flushed, the status is the thread's.
// exit: 42
#include "../sockets/net.h"
static int fd[2];
static void handler(void) { printf("handler ran\n"); }

static void *waiting(void *unused) {
    (void)unused;
    char byte;
    return (void *)(long)read(fd[0], &byte, 1);
}

static void *leaver(void *unused) {
    (void)unused;
    usleep(2000);
    printf("leaving\n");
    exit(42);
}

int main(void) {
    MUST(pipe(fd));
    atexit(handler);
    for (int i = 0; i < 5; i++)
        start(waiting, NULL);
    finish(start(leaver, NULL));
    printf("not reached\n");
    return 0;
}
