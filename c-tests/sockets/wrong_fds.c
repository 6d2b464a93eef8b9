// Every socket call on a number that's closed, on -1, on a pipe, a file and an eventfd: EBADF and ENOTSOCK. And bad plain buffers: EFAULT.
#include "../fixture.h"
#include "calls.h"
#include <sys/eventfd.h>

static volatile int negative = -1;

static void tell(const char *what, int fd)
{
    char b[8] = "";
    struct iovec part = {b, 8};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct mmsghdr one = {.msg_hdr = message};
    struct sockaddr_in address = on_loopback(1);
    socklen_t size = sizeof address;
    int value = 1;
    printf("%s:", what);
#define TRY(call) printf(" %s", answer(call))
    TRY(recv(fd, b, 8, 0));
    TRY(recvfrom(fd, b, 8, 0, (struct sockaddr *)&address, &size));
    TRY(recvmsg(fd, &message, 0));
    TRY(recvmmsg(fd, &one, 1, 0, NULL));
    TRY(send(fd, b, 8, 0));
    TRY(sendto(fd, b, 8, 0, (struct sockaddr *)&address, sizeof address));
    TRY(sendmsg(fd, &message, 0));
    TRY(sendmmsg(fd, &one, 1, 0));
    printf("\n   ");
    TRY(accept(fd, NULL, NULL));
    TRY(accept4(fd, NULL, NULL, SOCK_NONBLOCK));
    TRY(connect(fd, (struct sockaddr *)&address, sizeof address));
    TRY(bind(fd, (struct sockaddr *)&address, sizeof address));
    TRY(listen(fd, 1));
    TRY(shutdown(fd, SHUT_RD));
    TRY(getsockname(fd, (struct sockaddr *)&address, &size));
    TRY(getpeername(fd, (struct sockaddr *)&address, &size));
    TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size));
    TRY(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value));
    printf("\n");
}

static void *asks(void *unused)
{
    int pipes[2], pair[2], count = must(eventfd(0, 0)), file = must(open("/dev/null", O_RDWR)), path = must(open("/", O_PATH));
    char b[8] = "";
    must(pipe(pipes));
    tell("closed", 9999);
    tell("-1", negative);
    tell("pipe", pipes[0]);
    tell("file", file);
    tell("eventfd", count);
    tell("O_PATH", path);

    stream_pair(pair);
    must(write(pair[1], "data", 4));
    must(write(pipes[1], "data", 4));
    SHOW(recv(pair[0], nowhere(), 4, 0));
    SHOW(recvfrom(pair[0], nowhere(), 4, 0, NULL, NULL));
    SHOW(read(pair[0], nowhere(), 4));
    SHOW(recv(pair[0], nowhere(), 4, MSG_WAITALL));
    SHOW(recv(pair[0], nowhere(), 4, MSG_PEEK));
    SHOW(read(pipes[0], nowhere(), 4));
    SHOW(send(pair[0], nowhere(), 4, 0));
    SHOW(sendto(pair[0], nowhere(), 4, 0, NULL, 0));
    SHOW(write(pair[0], nowhere(), 4));
    SHOW(write(pipes[1], nowhere(), 4));
    SHOW(sendto(pair[0], b, 4, 0, nowhere(), 16));
    SHOW(recv(pair[0], b, 8, 0));
    SHOW(read(pipes[0], b, 8));
    // A part of the buffer is there.
    int udp[2];
    udp_pair(udp);
    must(send(udp[1], "lost", 4, 0));
    SHOW(recv(udp[0], nowhere(), 4, 0));
    SHOW(recv(udp[0], b, 4, MSG_DONTWAIT));
    return unused;
}

int main(void)
{
    join(start(asks, NULL));
    return 0;
}
