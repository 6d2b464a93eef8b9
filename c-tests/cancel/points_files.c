// pthread_cancel ends a thread that waits for files: in ppoll, pselect, connect, and in each form of receiving and sending.
#include "points.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/uio.h>

static int empty[2], full[2], pair[2], full_pair[2], door;
static struct sockaddr_in crowded; // a door where nobody more gets in
static char byte;

static void with_ppoll(void)
{
    ppoll(&(struct pollfd){.fd = empty[0], .events = POLLIN}, 1, &hour, NULL);
}

static void with_pselect(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(empty[0], &set);
    pselect(empty[0] + 1, &set, NULL, NULL, &hour, NULL);
}

static void with_accept4(void)
{
    accept4(door, NULL, NULL, SOCK_CLOEXEC);
}

static void with_readv(void)
{
    struct iovec part = {&byte, 1};
    must(readv(empty[0], &part, 1));
}

static void with_recvfrom(void)
{
    recvfrom(pair[0], &byte, 1, 0, NULL, NULL);
}

static void with_recvmsg(void)
{
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    recvmsg(pair[0], &message, 0);
}

static void with_write(void)
{
    must(write(full[1], "x", 1));
}

static void with_writev(void)
{
    struct iovec part = {"x", 1};
    must(writev(full[1], &part, 1));
}

static void with_send(void)
{
    must(send(full_pair[0], "x", 1, 0));
}

static void with_sendto(void)
{
    must(sendto(full_pair[0], "x", 1, 0, NULL, 0));
}

static void with_sendmsg(void)
{
    struct iovec part = {"x", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    must(sendmsg(full_pair[0], &message, 0));
}

static void with_connect(void)
{
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    connect(fd, (struct sockaddr *)&crowded, sizeof crowded);
    close(fd);
}

static const struct point points[] = {
    POINT(ppoll), POINT(pselect), POINT(accept4), POINT(readv), POINT(recvfrom), POINT(recvmsg), POINT(write), POINT(writev),
    POINT(send), POINT(sendto), POINT(sendmsg), POINT(connect),
};

static void fill(int fd)
{
    static char much[4096];
    int flags = must(fcntl(fd, F_GETFL));
    must(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    while (write(fd, much, sizeof much) > 0)
        ;
    while (write(fd, much, 1) > 0)
        ;
    must(fcntl(fd, F_SETFL, flags));
}

int main(void)
{
    struct sockaddr_in address;
    must(pipe(empty));
    must(pipe(full));
    stream_pair(pair);
    stream_pair(full_pair);
    fill(full[1]);
    fill(full_pair[0]);
    door = listen_loopback(5, &address);
    listen_loopback(0, &crowded);
    for (int i = 0; i < 3; i++) {
        int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        connect(fd, (struct sockaddr *)&crowded, sizeof crowded);
    }
    CANCEL_IN(points);

    // What they waited for still works.
    must(write(empty[1], "x", 1));
    must(write(pair[1], "y", 1));
    printf("read: %s", answer(read(empty[0], &byte, 1)));
    printf(" %c, recv: ", byte);
    printf("%s", answer(recv(pair[0], &byte, 1, 0)));
    printf(" %c\n", byte);
    close(connect_to(&address));
    printf("accept: %s\n", yes(accept(door, NULL, NULL) >= 0));
    return 0;
}
