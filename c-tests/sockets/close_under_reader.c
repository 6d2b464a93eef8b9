// A thread reads from a socket while another closes both ends: the reader comes back, with no data.
// (Linux alone would leave it waiting if only its own end were closed; so the peer closes too.)
#include "net.h"
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char byte;
    return (void *)(long)recv(fd[1], &byte, 1, 0);
}

int main(void) {
    int none = 0;
    for (int i = 0; i < 100; i++) {
        if (i % 2)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else
            tcp_pair(fd);
        pthread_t thread = start(reader, NULL);
        if (i % 3 == 0)
            sched_yield();
        if (i % 5 == 0)
            usleep(1000);
        close(fd[1]);
        close(fd[0]);
        none += finish(thread) <= 0;
    }
    printf("came back without data: %d of 100\n", none);
    return 0;
}
