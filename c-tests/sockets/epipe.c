// Sending to a peer that is gone: EPIPE with MSG_NOSIGNAL, and by every call with SIGPIPE ignored.
#include "net.h"
#include <signal.h>
#include <sys/uio.h>
static void *sender(void *arg) {
    int fd = (int)(long)arg;
    struct iovec parts[2] = {{"ab", 2}, {"cd", 2}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    printf("send MSG_NOSIGNAL: %s\n", answer(send(fd, "x", 1, MSG_NOSIGNAL)));
    printf("sendmsg MSG_NOSIGNAL: %s\n", answer(sendmsg(fd, &message, MSG_NOSIGNAL)));
    signal(SIGPIPE, SIG_IGN);
    printf("send: %s\n", answer(send(fd, "x", 1, 0)));
    printf("write: %s\n", answer(write(fd, "x", 1)));
    printf("writev: %s\n", answer(writev(fd, parts, 2)));
    printf("sendto: %s\n", answer(sendto(fd, "x", 1, 0, NULL, 0)));
    return NULL;
}

// Fills the socket until the peer goes away, in the middle of a send.
static void *big_sender(void *arg) {
    static char big[8 << 20];
    int fd = (int)(long)arg;
    long n = send(fd, big, sizeof big, MSG_NOSIGNAL);
    printf("send of much: %s\n", n > 0 && n < (long)sizeof big ? "a part" : answer(n));
    printf("then: %s\n", answer(send(fd, big, sizeof big, MSG_NOSIGNAL)));
    return NULL;
}

int main(void) {
    int fd[2];
    char buffer[1000];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    close(fd[1]);
    finish(start(sender, (void *)(long)fd[0]));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    pthread_t thread = start(big_sender, (void *)(long)fd[0]);
    read_full(fd[1], buffer, sizeof buffer);
    close(fd[1]);
    finish(thread);
    return 0;
}
