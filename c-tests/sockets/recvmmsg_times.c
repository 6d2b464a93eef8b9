// recvmmsg with a time: it's looked at only when a datagram has come, so the call waits beyond it; SO_RCVTIMEO ends a wait, and
// then what has come is the answer.
#include "../fixture.h"
#include "calls.h"

static int ends[2], turn[2];

static const char *take(int count, int flags, struct timespec *time)
{
    static char text[4][8];
    struct mmsghdr message[4] = {0};
    struct iovec part[4];
    for (int i = 0; i < 4; i++) {
        part[i] = (struct iovec){text[i], sizeof text[i]};
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
    return answer(recvmmsg(ends[0], message, count, flags, time));
}

static void *receives(void *unused)
{
    struct timespec none = {0, 0}, brief = {0, 1000000};
    struct timeval limit = {0, 60 * 1000};
    printf("no time at all, but it waits for the first: %s\n", take(4, 0, &none));
    must(send(ends[1], "1", 1, 0));
    must(write(turn[1], "x", 1));
    printf("1 ms, and the second of two comes later: %s\n", take(2, 0, &brief));
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    double begin = now_ms();
    printf("SO_RCVTIMEO, nothing comes: %s", take(4, 0, NULL));
    printf(", took 60 ms: %s\n", yes(now_ms() - begin >= 59));
    must(send(ends[1], "1", 1, 0));
    must(send(ends[1], "2", 1, 0));
    begin = now_ms();
    printf("SO_RCVTIMEO, two of four come: %s", take(4, 0, NULL));
    printf(", took 60 ms: %s\n", yes(now_ms() - begin >= 59));
    printf("no error is left over: %s\n", take(4, MSG_DONTWAIT, NULL));
    return unused;
}

int main(void)
{
    char byte;
    udp_pair(ends);
    must(pipe(turn));
    pthread_t thread = start(receives, NULL);
    let_it_block();
    must(send(ends[1], "first", 5, 0));
    must(read(turn[0], &byte, 1));
    let_it_block();
    must(send(ends[1], "2", 1, 0));
    join(thread);
    return 0;
}
