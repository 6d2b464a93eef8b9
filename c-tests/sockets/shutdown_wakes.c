// shutdown of one's own end wakes a waiting reader with 0, over TCP and over a Unix pair; and the peer too.
#include "net.h"
static void *reader(void *arg) {
    char byte;
    return (void *)(long)recv((int)(long)arg, &byte, 1, 0);
}

int main(void) {
    for (int kind = 0; kind < 2; kind++) {
        int zeros = 0;
        for (int i = 0; i < 50; i++) {
            int fd[2];
            if (kind)
                MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
            else
                tcp_pair(fd);
            pthread_t own = start(reader, (void *)(long)fd[0]);
            pthread_t peer = start(reader, (void *)(long)fd[1]);
            if (i % 2)
                usleep(500);
            MUST(shutdown(fd[0], SHUT_RDWR));
            zeros += finish(own) == 0;
            zeros += finish(peer) == 0;
            close(fd[0]);
            close(fd[1]);
        }
        printf("%s: woken with 0: %d of 100\n", kind ? "unix" : "tcp", zeros);
    }
    return 0;
}
