// Two threads read from one socket and the peer resets the connection: both come back, one of them with the error.
#include "net.h"
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char byte;
    return (void *)(long)recv(fd[1], &byte, 1, 0);
}

int main(void) {
    int ended = 0;
    for (int i = 0; i < 20; i++) {
        struct linger now = {1, 0}; // close sends RST
        tcp_pair(fd);
        pthread_t one = start(reader, NULL), two = start(reader, NULL);
        if (i % 2)
            usleep(10000);
        MUST(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof now));
        close(fd[0]);
        ended += finish(one) <= 0;
        ended += finish(two) <= 0;
        close(fd[1]);
    }
    printf("readers that ended without data: %d of 40\n", ended);
    return 0;
}
