// sendmmsg and recvmmsg on Unix sockets of all kinds: bounds between messages, descriptors in them, the end, a peer that's gone.
#include "../fixture.h"
#include "calls.h"

static int ends[2], turn[2];
static char sent[40];
static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
static const char *const names[] = {"stream", "dgram", "seqpacket"};

static void *receives(void *arg)
{
    long kind = unbox(arg);
    struct mmsghdr message[4] = {0};
    struct iovec part[4];
    char text[4][8] = {""}, control[4][64], byte;
    for (int i = 0; i < 4; i++) {
        part[i] = (struct iovec){text[i], 7};
        message[i].msg_hdr = (struct msghdr){.msg_iov = &part[i], .msg_iovlen = 1, .msg_control = control[i], .msg_controllen = 64};
    }
    must(write(turn[1], "x", 1));
    int got = must(recvmmsg(ends[0], message, 3, 0, NULL));
    printf("%s: %d", names[kind], got);
    for (int i = 0; i < got; i++) {
        int fds[2], count = detach(&message[i].msg_hdr, fds, 2);
        printf(" %u:%s", message[i].msg_len, text[i]);
        if (message[i].msg_hdr.msg_flags & MSG_EOR)
            printf(" (record)");
        for (int f = 0; f < count; f++) {
            int n = must(read(fds[f], &byte, 1));
            printf(" fd with %.*s%s", n, &byte, n ? "" : "nothing");
            close(fds[f]);
        }
    }
    printf("\n");
    if (kind == 1)
        return NULL;
    // At the end there are as many empty messages as are asked for.
    printf("%s end: %s\n", names[kind], answer(recvmmsg(ends[0], message, 3, 0, NULL)));
    printf("%s end, for one: %s\n", names[kind], answer(recvmmsg(ends[0], message, 3, MSG_WAITFORONE, NULL)));
    return NULL;
}

static void sends(void)
{
    struct mmsghdr message[3] = {0};
    struct iovec part[3] = {{"seven77", 7}, {"seven78", 7}, {"end", 3}};
    char control[64];
    int one[2], two[2];
    must(pipe(one));
    must(pipe(two));
    for (int i = 0; i < 3; i++)
        message[i].msg_hdr = (struct msghdr){.msg_iov = &part[i], .msg_iovlen = 1};
    attach(&message[1].msg_hdr, control, sizeof control, (int[]){one[0], two[0]}, 2);
    must(write(one[1], "1", 1));
    must(write(two[1], "2", 1));
    must(read(turn[0], &(char){0}, 1));
    int count = sendmmsg(ends[1], message, 3, 0);
    snprintf(sent, sizeof sent, "%d, %u %u %u", count, message[0].msg_len, message[1].msg_len, message[2].msg_len);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(two[i]);
    }
    shutdown(ends[1], SHUT_WR);
}

int main(void)
{
    must(pipe(turn));
    for (long kind = 0; kind < 3; kind++) {
        must(socketpair(AF_UNIX, kinds[kind], 0, ends));
        pthread_t reader = start(receives, box(kind));
        sends();
        join(reader);
        printf("%s sent: %s\n", names[kind], sent);
        close(ends[0]);
        struct iovec part = {"late", 4};
        struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
        printf("%s, nobody there: %s\n", names[kind], answer(sendmmsg(ends[1], &message, 1, MSG_NOSIGNAL)));
        close(ends[1]);
    }
    return 0;
}
