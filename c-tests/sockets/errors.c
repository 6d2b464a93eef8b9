// The errors of the socket calls, from a thread: bad fds, no socket, not connected, not listening, bad arguments.
#include "net.h"
#include <sys/uio.h>
#define SHOW(call) (errno = 0, printf("%s: %s\n", #call, answer(call)))

// Hidden from the compiler, which would object.
static void *volatile nowhere = (void *)8;
static volatile int negative = -1, too_many = 2000;

static void *asker(void *unused) {
    (void)unused;
    char b[8] = "";
    struct iovec v = {b, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    int bad = 9999, file = MUST(open("/dev/null", O_RDWR)), fresh = MUST(socket(AF_INET, SOCK_STREAM, 0));
    int udp = MUST(socket(AF_INET, SOCK_DGRAM, 0)), pipes[2], two[2], spare[2];
    struct timeval wrong = {0, 2000000};
    MUST(pipe(pipes));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, two));

    SHOW(recv(bad, b, 1, 0));
    SHOW(recv(-1, b, 1, 0));
    SHOW(send(bad, b, 1, 0));
    SHOW(read(bad, b, 1));
    SHOW(write(-1, b, 1));
    SHOW(readv(bad, &v, 1));
    SHOW(writev(bad, &v, 1));
    SHOW(recvmsg(bad, &m, 0));
    SHOW(sendmsg(bad, &m, 0));
    SHOW(accept(bad, NULL, NULL));
    SHOW(close(bad));
    SHOW(close(-1));
    SHOW(shutdown(bad, SHUT_RD));
    SHOW(dup(bad));
    SHOW(dup2(bad, 100));
    SHOW(dup3(file, file, 0));
    SHOW(fcntl(bad, F_GETFL));

    SHOW(recv(file, b, 1, 0));
    SHOW(send(pipes[1], b, 1, 0));
    SHOW(recvmsg(pipes[0], &m, 0));
    SHOW(accept(file, NULL, NULL));
    SHOW(shutdown(pipes[0], SHUT_RD));
    SHOW(read(pipes[1], b, 1));
    SHOW(write(pipes[0], b, 1));

    SHOW(recv(fresh, b, 1, 0));
    SHOW(read(fresh, b, 1));
    SHOW(send(fresh, b, 1, MSG_NOSIGNAL));
    SHOW(accept(fresh, NULL, NULL));
    SHOW(accept(udp, NULL, NULL));
    SHOW(accept4(fresh, NULL, NULL, 0x7));
    SHOW(shutdown(fresh, SHUT_RD));
    SHOW(shutdown(two[0], 77));
    SHOW(send(udp, b, 1, 0));
    SHOW(readv(two[0], &v, negative));
    SHOW(writev(two[0], &v, too_many));
    SHOW(read(two[0], b, 0));
    SHOW(socket(AF_INET, 77, 0));
    SHOW(socketpair(AF_INET, SOCK_STREAM, 0, spare));
    SHOW(pipe2(spare, 0x7));
    SHOW(setsockopt(fresh, SOL_SOCKET, SO_RCVTIMEO, &wrong, sizeof wrong));
    SHOW(setsockopt(fresh, SOL_SOCKET, SO_RCVTIMEO, &wrong, 1));
    // Bad memory, with data there to take.
    MUST(write(two[1], "data", 4));
    SHOW(recv(two[0], nowhere, 4, 0));
    SHOW(read(two[0], nowhere, 4));
    SHOW(recv(two[0], b, 4, 0));
    SHOW(write(two[0], nowhere, 4));
    return NULL;
}

int main(void) {
    finish(start(asker, NULL));
    return 0;
}
