// recvmmsg and sendmmsg that fail: at the first message the error is the answer; at a later one the number before it, and for
// recvmmsg the error comes with the next call.
#include "../fixture.h"
#include "calls.h"

static struct mmsghdr message[3];
static struct iovec part[3];
static char text[3][8];

static struct mmsghdr *three(void *base, int bad)
{
    memset(message, 0, sizeof message);
    for (int i = 0; i < 3; i++) {
        part[i] = (struct iovec){i == bad ? base : text[i], 4};
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
    return message;
}

static void *asks(void *unused)
{
    int pair[2], pipes[2], lone = must(socket(AF_INET, SOCK_STREAM, 0)), closed = 9999;
    must(pipe(pipes));
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    SHOW(recvmmsg(closed, three(NULL, -1), 3, 0, NULL));
    SHOW(sendmmsg(closed, three(NULL, -1), 3, 0));
    SHOW(recvmmsg(-1, three(NULL, -1), 3, 0, NULL));
    SHOW(sendmmsg(-1, three(NULL, -1), 0, 0));
    SHOW(recvmmsg(pipes[0], three(NULL, -1), 3, 0, NULL));
    SHOW(sendmmsg(pipes[1], three(NULL, -1), 3, 0));
    SHOW(recvmmsg(lone, three(NULL, -1), 3, 0, NULL));
    SHOW(sendmmsg(lone, three(NULL, -1), 3, MSG_NOSIGNAL));
    SHOW(recvmmsg(pair[0], three(NULL, -1), 3, MSG_OOB, NULL));

    SHOW(sendmmsg(pair[1], three(nowhere(), 0), 3, 0));
    SHOW(sendmmsg(pair[1], three(nowhere(), 2), 3, 0));
    SHOW(recvmmsg(pair[0], three(NULL, -1), 3, MSG_DONTWAIT, NULL));
    SHOW(sendmmsg(pair[1], three(NULL, -1), 3, 0));
    SHOW(recvmmsg(pair[0], three(nowhere(), 1), 3, 0, NULL));
    // A Unix socket doesn't ask for the error that was put aside; SO_ERROR does.
    int error = -1;
    socklen_t size = sizeof error;
    must(getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &error, &size));
    printf("SO_ERROR: %s\n", error_name(error));
    printf("rest: %s\n", answer(recvmmsg(pair[0], three(NULL, -1), 3, MSG_DONTWAIT, NULL)));

    int udp[2];
    static char large[70000];
    udp_pair(udp);
    three(NULL, -1);
    part[1] = (struct iovec){large, sizeof large};
    SHOW(sendmmsg(udp[0], message, 3, 0));
    printf("lengths: %u %u %u\n", message[0].msg_len, message[1].msg_len, message[2].msg_len);
    SHOW(sendmmsg(udp[0], message + 1, 2, 0));
    SHOW(sendmmsg(udp[0], three(NULL, -1), 3, 0));
    SHOW(recvmmsg(udp[1], three(nowhere(), 2), 3, 0, NULL));
    SHOW(recvmmsg(udp[1], three(NULL, -1), 3, 0, NULL));
    SHOW(recvmmsg(udp[1], three(NULL, -1), 3, MSG_DONTWAIT, NULL));
    return unused;
}

int main(void)
{
    join(start(asks, NULL));
    return 0;
}
