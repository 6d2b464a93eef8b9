// MSG_DONTWAIT: EAGAIN from an empty and from a full socket, of a blocking file description, and it stays blocking.
#include "net.h"
static int fd[2];

static void *writer(void *unused) {
    (void)unused;
    write_all(fd[1], "abc", 3);
    return NULL;
}

static void *reader(void *unused) {
    (void)unused;
    char buffer[4096] = "";
    struct iovec part = {buffer, sizeof buffer};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    printf("recv empty: %s\n", answer(recv(fd[0], buffer, 4, MSG_DONTWAIT)));
    printf("recvfrom empty: %s\n", answer(recvfrom(fd[0], buffer, 4, MSG_DONTWAIT, NULL, NULL)));
    printf("recvmsg empty: %s\n", answer(recvmsg(fd[0], &message, MSG_DONTWAIT)));
    long n, sent = 0, got = 0;
    while ((n = send(fd[0], buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        sent += n;
    printf("send full: %s\n", answer(n));
    printf("sendmsg full: %s\n", answer(sendmsg(fd[0], &message, MSG_DONTWAIT)));
    while ((n = recv(fd[1], buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        got += n;
    printf("drained: %s, all there: %s\n", answer(n), sent == got ? "yes" : "no");
    printf("O_NONBLOCK: %s\n", fcntl(fd[0], F_GETFL) & O_NONBLOCK ? "yes" : "no");
    pthread_t other = start(writer, NULL);
    printf("a plain recv waits: %s\n", answer(recv(fd[0], buffer, 3, MSG_WAITALL)));
    finish(other);
    return NULL;
}

int main(void) {
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    finish(start(reader, NULL));
    return 0;
}
