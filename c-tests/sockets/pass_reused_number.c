// Descriptors come under numbers that were just closed, or where another thread just waited: sockets, pipes, in turn, two hundred times.
#include "../fixture.h"
#include "calls.h"

enum { ROUNDS = 200 };
static int way[2];

static void send_one(int fd)
{
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {"f", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    attach(&message, control, sizeof control, &fd, 1);
    must(sendmsg(way[1], &message, 0));
}

static int receive_one(void)
{
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))), byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int fd = -1;
    must(recvmsg(way[0], &message, 0));
    detach(&message, &fd, 1);
    return fd;
}

static void *receives(void *unused)
{
    long right = 0, same = 0;
    int before = -1;
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = receive_one();
        char b[8] = "";
        // It has to wait: the other side writes only when it has heard of us.
        must(write(way[0], "r", 1));
        long n = must(read(fd, b, sizeof b));
        right += n == 4 && atoi(b) == i;
        same += fd == before;
        before = fd;
        close(fd);
    }
    printf("right: %ld, under a number used before: %s\n", right, yes(same > ROUNDS / 2));
    return NULL;
}

int main(void)
{
    char b[8];
    int far[2];
    stream_pair(way);
    // The sender's own are kept high, and so don't take the receiver's numbers.
    pthread_t thread = start(receives, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        int ends[2];
        if (i % 3 == 0)
            must(pipe(ends));
        else if (i % 3 == 1)
            stream_pair(ends);
        else
            tcp_pair(ends);
        for (int e = 0; e < 2; e++) {
            far[e] = must(fcntl(ends[e], F_DUPFD, 100));
            close(ends[e]);
        }
        send_one(far[0]);
        must(read(way[1], b, 1));
        snprintf(b, sizeof b, "%04d", i);
        must(write(far[1], b, 4));
        close(far[0]);
        close(far[1]);
    }
    join(thread);
    return 0;
}
