// read, write, readv, writev, recvfrom, sendto and their 0-byte forms on sockets, ping-pong between two threads.
#include "net.h"
#include <sys/uio.h>
enum { ROUNDS = 200 };
static int fd[2];

// One message of 6 bytes, sent by whichever call is its turn.
static void put(int to, int round) {
    char text[7];
    snprintf(text, sizeof text, "%06d", round);
    struct iovec parts[3] = {{text, 1}, {text + 1, 0}, {text + 1, 5}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    long n = round % 5 == 0   ? write(to, text, 6)
             : round % 5 == 1 ? writev(to, parts, 3)
             : round % 5 == 2 ? send(to, text, 6, 0)
             : round % 5 == 3 ? sendto(to, text, 6, 0, NULL, 0)
                              : sendmsg(to, &message, 0);
    if (n != 6)
        printf("sent %s of 6\n", answer(n));
}

static int get(int from, int round) {
    char text[7] = "", expected[7];
    struct sockaddr_storage who;
    socklen_t size = sizeof who;
    snprintf(expected, sizeof expected, "%06d", round);
    struct iovec parts[3] = {{text, 2}, {text + 2, 0}, {text + 2, 4}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    long n = round % 7 == 0   ? read(from, text, 6)
             : round % 7 == 1 ? readv(from, parts, 3)
             : round % 7 == 2 ? recv(from, text, 6, 0)
             : round % 7 == 3 ? recvfrom(from, text, 6, 0, NULL, NULL)
             : round % 7 == 4 ? recvfrom(from, text, 6, 0, (struct sockaddr *)&who, &size)
                              : recvmsg(from, &message, 0);
    return n == 6 && !strcmp(text, expected);
}

static void *other(void *unused) {
    (void)unused;
    long good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        good += get(fd[1], i);
        put(fd[1], i);
    }
    return (void *)good;
}

int main(void) {
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            tcp_pair(fd);
        else
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        pthread_t thread = start(other, NULL);
        int good = 0;
        for (int i = 0; i < ROUNDS; i++) {
            put(fd[0], i);
            good += get(fd[0], i);
        }
        printf("right: %d and %ld\n", good, finish(thread));
        printf("no bytes: write %s", answer(write(fd[0], "", 0)));
        printf(", read %s\n", answer(read(fd[0], NULL, 0)));
        close(fd[0]);
        close(fd[1]);
    }
    return 0;
}
