// SO_RCVTIMEO and SO_SNDTIMEO on Unix sockets of all kinds and their listeners: nothing in time is EAGAIN, data in time is delivered.
#include "../fixture.h"
#include "calls.h"

static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
static const char *const names[] = {"stream", "dgram", "seqpacket"};

static void timed(const char *what, const char *result, double begin)
{
    printf("  %s: %s, took 40 ms: %s\n", what, result, yes(now_ms() - begin >= 39));
}

static void *waits(void *arg)
{
    long kind = unbox(arg);
    struct timeval limit = {0, 40000}, back;
    static char much[4 << 20];
    char b[8];
    struct iovec part = {b, 8};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct mmsghdr one = {.msg_hdr = message};
    socklen_t size = sizeof back;
    int ends[2];
    must(socketpair(AF_UNIX, kinds[kind], 0, ends));
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    must(setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    must(getsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &back, &size));
    printf("%s: the limit is told: %s\n", names[kind], yes(back.tv_sec == 0 && back.tv_usec >= 40000));
    double begin = now_ms();
    timed("recv", answer(recv(ends[0], b, 8, 0)), begin);
    begin = now_ms();
    timed("read", answer(read(ends[0], b, 8)), begin);
    begin = now_ms();
    timed("recvmsg", answer(recvmsg(ends[0], &message, 0)), begin);
    begin = now_ms();
    timed("recvmmsg", answer(recvmmsg(ends[0], &one, 1, 0, NULL)), begin);
    must(send(ends[1], "in time", 7, 0));
    printf("  in time: %s\n", answer(recv(ends[0], b, 8, 0)));
    must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    while (send(ends[0], much, 1000, 0) > 0)
        ;
    while (kind == 0 && send(ends[0], much, 1, 0) > 0)
        ;
    must(fcntl(ends[0], F_SETFL, 0));
    begin = now_ms();
    timed("send", answer(send(ends[0], much, 1000, 0)), begin);
    begin = now_ms();
    timed("write", answer(write(ends[0], much, 1000)), begin);
    close(ends[0]);
    close(ends[1]);
    if (kind == 1)
        return NULL;

    socklen_t length;
    char name[32];
    snprintf(name, sizeof name, "@%s", names[kind]);
    struct sockaddr_un address = unix_address(name, &length);
    int door = must(socket(AF_UNIX, kinds[kind], 0)), client = must(socket(AF_UNIX, kinds[kind], 0));
    must(bind(door, (struct sockaddr *)&address, length));
    must(listen(door, 1));
    must(setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    begin = now_ms();
    timed("accept", answer(accept(door, NULL, NULL)), begin);
    must(connect(client, (struct sockaddr *)&address, length));
    printf("  a client: %s\n", yes(accept(door, NULL, NULL) >= 0));
    return NULL;
}

int main(void)
{
    for (long kind = 0; kind < 3; kind++)
        join(start(waits, box(kind)));
    return 0;
}
