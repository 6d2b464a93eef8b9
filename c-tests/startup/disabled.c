// GREEN_DISABLE=1 leaves the library inert: threads are the kernel's own.
// env: GREEN_DISABLE=1
// green: none
#include "../sockets/net.h"
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char byte;
    MUST(read(fd[0], &byte, 1));
    return (void *)(long)(gettid() != getpid());
}

int main(void) {
    MUST(pipe(fd));
    pthread_t thread = start(reader, NULL);
    write_all(fd[1], "x", 1);
    printf("a kernel thread: %ld\n", finish(thread));
    return 0;
}
