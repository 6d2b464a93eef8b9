// TCP options that change when data comes: SO_RCVLOWAT, MSG_MORE, TCP_CORK, TCP_FASTOPEN; and calls without a byte.
#include "../fixture.h"
#include "calls.h"
#include <netinet/tcp.h>

static int ends[2], turn[2];

static void *reads(void *unused)
{
    char b[16] = "";
    int least = 5;
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least));
    must(write(turn[1], "x", 1));
    // It waits for five, then gives all.
    printf("SO_RCVLOWAT 5: %s", answer(recv(ends[0], b, sizeof b, 0)));
    printf(" %.5s\n", b);
    must(write(turn[1], "x", 1));
    struct pollfd entry = {.fd = ends[0], .events = POLLIN};
    const char *count = answer(poll(&entry, 1, 30000));
    printf("poll: %s, then: %s\n", count, answer(recv(ends[0], b, sizeof b, MSG_DONTWAIT)));
    must(write(turn[1], "x", 1));
    printf("the end comes before five: %s", answer(recv(ends[0], b, sizeof b, 0)));
    printf(", %s\n", answer(recv(ends[0], b, sizeof b, 0)));
    return unused;
}

static void *reads_corked(void *unused)
{
    char b[16];
    must(write(turn[1], "x", 1));
    printf("corked: %s\n", answer(recv(ends[0], b, 9, MSG_WAITALL)));
    return unused;
}

static void *connects_fast(void *to)
{
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    const char *sent = answer(sendto(fd, "fast", 4, MSG_FASTOPEN, to, sizeof(struct sockaddr_in)));
    char b[8] = "";
    int error = errno;
    if (!strcmp(sent, "4"))
        printf("MSG_FASTOPEN: 4, answered: %s\n", answer(recv(fd, b, 2, MSG_WAITALL)));
    else
        printf("MSG_FASTOPEN: %s\n", error_name(error));
    // A socket that's connected can't once more.
    printf("again: %s\n", answer(sendto(fd, "fast", 4, MSG_FASTOPEN | MSG_NOSIGNAL, to, sizeof(struct sockaddr_in))));
    close(fd);
    return NULL;
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

static void *without_bytes(void *unused)
{
    int udp[2], pair[2], seq[2];
    char b[4];
    udp_pair(udp);
    tcp_pair(pair);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, seq));
    SHOW(send(pair[0], b, 0, 0));
    SHOW(recv(pair[1], b, 0, MSG_DONTWAIT));
    SHOW(recv(pair[1], b, 0, MSG_PEEK | MSG_DONTWAIT));
    SHOW(read(pair[1], b, 0));
    SHOW(recv(udp[1], b, 0, MSG_DONTWAIT));
    SHOW(send(udp[0], b, 0, 0));
    SHOW(write(udp[0], b, 0));
    SHOW(recv(udp[1], b, 4, 0));
    SHOW(recv(udp[1], b, 4, MSG_DONTWAIT));
    SHOW(recv(seq[1], b, 0, MSG_DONTWAIT));
    SHOW(send(seq[0], b, 0, 0));
    SHOW(recv(seq[1], b, 4, MSG_DONTWAIT));
    SHOW(recv(seq[1], b, 4, MSG_DONTWAIT));
    close(pair[0]);
    SHOW(recv(pair[1], b, 0, 0));
    return unused;
}

int main(void)
{
    int on = 1, off = 0, queue = 5;
    struct sockaddr_in address;
    char b[8];
    must(pipe(turn));
    tcp_pair(ends);
    pthread_t thread = start(reads, NULL);
    next();
    must(send(ends[1], "abc", 3, 0));
    let_it_block();
    must(send(ends[1], "de", 2, 0));
    next();
    must(send(ends[1], "hij", 3, 0));
    let_it_block();
    must(send(ends[1], "klm", 3, 0));
    next();
    must(send(ends[1], "n", 1, 0));
    close(ends[1]);
    join(thread);
    close(ends[0]);

    tcp_pair(ends);
    thread = start(reads_corked, NULL);
    next();
    must(setsockopt(ends[1], IPPROTO_TCP, TCP_CORK, &on, sizeof on));
    must(send(ends[1], "abc", 3, 0));
    must(send(ends[1], "def", 3, 0));
    must(setsockopt(ends[1], IPPROTO_TCP, TCP_CORK, &off, sizeof off));
    must(send(ends[1], "gh", 2, MSG_MORE));
    must(send(ends[1], "i", 1, 0));
    join(thread);

    int door = listen_loopback(5, &address);
    must(setsockopt(door, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue));
    thread = start(connects_fast, &address);
    int fd = must(accept(door, NULL, NULL));
    printf("came: %s\n", answer(recv(fd, b, 4, MSG_WAITALL)));
    must(send(fd, "ok", 2, 0));
    join(thread);
    join(start(without_bytes, NULL));
    return 0;
}
