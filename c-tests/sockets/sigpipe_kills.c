// A send to a peer that is gone, from a thread, with SIGPIPE as it comes: the process dies of it.
// signal: SIGPIPE
// green: lost
#include "net.h"
static void *sender(void *arg) {
    long n = send((int)(long)arg, "x", 1, 0);
    printf("still here: %s\n", answer(n));
    return NULL;
}

int main(void) {
    int fd[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    close(fd[1]);
    finish(start(sender, (void *)(long)fd[0]));
    return 0;
}
