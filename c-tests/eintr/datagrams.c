// recvfrom, recvmsg, sendto and sendmsg of datagrams that come one by one: each comes once, in order.
#include "../fixture.h"
#include "eintr.h"
#include <sys/un.h>

enum { COUNT = 60 };

static void *sender(void *arg)
{
    int fd = unbox(arg);
    for (int i = 0; i < COUNT; i++) {
        struct iovec piece = {&i, sizeof i};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        if (i % 10 == 0)
            pause_ms(5);
        if (i % 2)
            go_on(sendto(fd, &i, sizeof i, 0, NULL, 0));
        else
            go_on(sendmsg(fd, &message, 0));
    }
    return NULL;
}

static void *receiver(void *arg)
{
    int fd = unbox(arg);
    long ordered = 0;
    for (int i = 0; i < COUNT; i++) {
        int number = -1;
        struct iovec piece = {&number, sizeof number};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        if (i % 3)
            go_on(recvfrom(fd, &number, sizeof number, 0, NULL, NULL));
        else
            go_on(recvmsg(fd, &message, 0));
        ordered += number == i;
    }
    return box(ordered);
}

int main(void)
{
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    pthread_t thread = start_bitten(sender, box(ends[0]));
    printf("main has %ld in order\n", unbox(receiver(box(ends[1]))));
    join(thread);
    thread = start_bitten(receiver, box(ends[1]));
    sender(box(ends[0]));
    printf("a thread has %ld in order\n", unbox(join(thread)));
    return 0;
}
