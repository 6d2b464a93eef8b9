// MSG_WAITALL gathers pieces that come one by one; the end of the stream in the middle ends it early.
#include "net.h"
static int fd[2], turn[2];

// Sends ten pieces of 1000; then, when told, 300 more and the end.
static void *writer(void *unused) {
    (void)unused;
    unsigned char data[10000];
    char go;
    fill(data, sizeof data, 3);
    for (int i = 0; i < 10; i++) {
        write_all(fd[1], data + i * 1000, 1000);
        usleep(500);
    }
    MUST(read(turn[0], &go, 1));
    write_all(fd[1], data, 300);
    MUST(shutdown(fd[1], SHUT_WR));
    return NULL;
}

static void *reader(void *unused) {
    (void)unused;
    unsigned char data[10000];
    long n = recv(fd[0], data, 4000, MSG_WAITALL);
    printf("asked 4000, got %s\n", answer(n));
    struct iovec parts[3] = {{data + 4000, 1}, {data + 4001, 2999}, {data + 7000, 3000}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    n = recvmsg(fd[0], &message, MSG_WAITALL);
    printf("asked 6000 in three parts, got %s, wrong bytes %zu\n", answer(n), wrong_bytes(data, sizeof data, 3));
    write_all(turn[1], "g", 1);
    n = recv(fd[0], data, 5000, MSG_WAITALL);
    printf("asked 5000 of a stream with 300 left, got %s, wrong bytes %zu\n", answer(n), wrong_bytes(data, 300, 3));
    n = recv(fd[0], data, 5000, MSG_WAITALL);
    printf("at the end, got %s\n", answer(n));
    return NULL;
}

int main(void) {
    for (int tcp = 0; tcp < 2; tcp++) {
        MUST(pipe(turn));
        if (tcp)
            tcp_pair(fd);
        else
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        pthread_t a = start(reader, NULL), b = start(writer, NULL);
        finish(a);
        finish(b);
    }
    return 0;
}
