// UDP: connected or not, who sent, refused by ICMP, peeking, empty datagrams, broadcasts not allowed, too long, disconnected again.
#include "../fixture.h"
#include "calls.h"

static int in, turn[2];
static struct sockaddr_in address;

static void *receives(void *unused)
{
    char b[16] = "";
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    must(write(turn[1], "x", 1));
    printf("peek waits: %s", answer(recvfrom(in, b, sizeof b, MSG_PEEK, (struct sockaddr *)&from, &size)));
    printf(", from loopback %s, %d bytes\n", yes(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK)), (int)size);
    printf("read: %s %s\n", answer(read(in, b, sizeof b)), "");
    // An address cut to the room for it; its real length is told.
    size = 4;
    printf("empty: %s", answer(recvfrom(in, b, sizeof b, 0, (struct sockaddr *)&from, &size)));
    printf(", address of %d bytes\n", (int)size);
    printf("into nothing: %s\n", answer(recv(in, NULL, 0, 0)));
    printf("the next: %s", answer(recv(in, b, 2, MSG_TRUNC)));
    printf(" %.2s\n", b);
    return unused;
}

static void *asks(void *unused)
{
    char b[16];
    static char large[70000];
    struct sockaddr_in gone_address, all = on_loopback(9), back;
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct timeval limit = {0, 40000};
    socklen_t size = sizeof back;
    int error = -1, fd = must(socket(AF_INET, SOCK_DGRAM, 0)), gone = udp_socket(&gone_address), on = 1;
    close(gone);
    SHOW(send(fd, "x", 1, 0));
    SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&gone_address, 5));
    SHOW(sendto(fd, large, sizeof large, 0, (struct sockaddr *)&address, sizeof address));
    all.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&all, sizeof all));
    SHOW(connect(fd, (struct sockaddr *)&all, sizeof all));
    // Unconnected, nobody hears of the refusal.
    SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&gone_address, sizeof gone_address));
    must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    SHOW(recv(fd, b, sizeof b, 0));
    SHOW(connect(fd, (struct sockaddr *)&gone_address, sizeof gone_address));
    SHOW(send(fd, "x", 1, 0));
    SHOW(recv(fd, b, sizeof b, 0));
    SHOW(write(fd, "x", 1));
    SHOW(write(fd, "x", 1));
    SHOW(write(fd, "x", 1));
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    printf("poll: %s", answer(poll(&entry, 1, 5000)));
    printf(", error %s\n", yes(entry.revents & POLLERR));
    size = sizeof error;
    must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    printf("SO_ERROR: %s\n", error_name(error));
    SHOW(recv(fd, b, sizeof b, MSG_DONTWAIT));
    // With the errors' own queue.
    must(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
    must(send(fd, "lost", 4, 0));
    char control[256] __attribute__((aligned(8)));
    struct iovec part = {b, sizeof b};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    SHOW(recvmsg(fd, &message, MSG_ERRQUEUE));
    printf("its flags: %s, what was lost: %.4s\n", yes(message.msg_flags & MSG_ERRQUEUE), b);
    SHOW(recvmsg(fd, &message, MSG_ERRQUEUE));
    SHOW(connect(fd, &nobody, sizeof nobody));
    SHOW(send(fd, "x", 1, 0));
    size = sizeof back;
    SHOW(getpeername(fd, (struct sockaddr *)&back, &size));
    SHOW(shutdown(fd, SHUT_RD));
    SHOW(listen(fd, 1));
    SHOW(recv(fd, b, 1, MSG_OOB));
    SHOW(sendto(fd, "x", 1, MSG_OOB, (struct sockaddr *)&address, sizeof address));
    return unused;
}

static void *waits(void *fd)
{
    char b[8];
    must(write(turn[1], "x", 1));
    return (void *)error_name(recv((int)unbox(fd), b, sizeof b, 0) < 0 ? errno : 0);
}

int main(void)
{
    int out = must(socket(AF_INET, SOCK_DGRAM, 0)), stranger = must(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr *const to = (struct sockaddr *)&address;
    struct sockaddr_in gone_address;
    in = udp_socket(&address);
    must(pipe(turn));
    pthread_t thread = start(receives, NULL);
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    must(sendto(out, "hello", 5, 0, to, sizeof address));
    must(sendto(out, "", 0, 0, to, sizeof address));
    must(sendto(out, "thrown away", 11, 0, to, sizeof address));
    must(sendto(out, "0123456789", 10, 0, to, sizeof address));
    join(thread);
    join(start(asks, NULL));

    // A connected one hears its peer only.
    struct sockaddr_in own;
    int connected = udp_socket(&own), peer = udp_socket(&address);
    char b[16];
    must(connect(connected, to, sizeof address));
    must(sendto(stranger, "stranger", 8, 0, (struct sockaddr *)&own, sizeof own));
    must(sendto(peer, "peer", 4, 0, (struct sockaddr *)&own, sizeof own));
    printf("connected: %s\n", answer(recv(connected, b, sizeof b, 0)));
    // A thread that waits hears of the refusal of what another sends.
    int gone = udp_socket(&gone_address);
    close(gone);
    must(connect(out, (struct sockaddr *)&gone_address, sizeof gone_address));
    thread = start(waits, box(out));
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    must(send(out, "x", 1, 0));
    printf("the waiting one: %s\n", (char *)join(thread));
    // And shutdown wakes it.
    thread = start(waits, box(connected));
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    must(shutdown(connected, SHUT_RDWR));
    printf("shut down: %s\n", (char *)join(thread));
    return 0;
}
