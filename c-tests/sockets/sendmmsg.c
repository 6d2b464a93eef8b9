// sendmmsg on streams with a slow reader sends everything of every message; with MSG_DONTWAIT what fits, then EAGAIN; at last EPIPE.
#include "../fixture.h"
#include "calls.h"

enum { COUNT = 12, EACH = 300000 };
static int ends[2];
static struct gate sent = GATE_CLOSED;

static void *reads(void *wrong)
{
    static unsigned char buffer[100000];
    long place = 0, bad = 0, n;
    while (place < (long)COUNT * EACH) {
        n = must(read(ends[1], buffer, sizeof buffer));
        for (long i = 0; i < n; i++)
            bad += buffer[i] != (unsigned char)((place + i) * 7 + (place + i) / EACH);
        place += n;
        if (place % 5 == 0)
            usleep(500);
    }
    *(long *)wrong = bad;
    return box(place);
}

static void *sends(void *unused)
{
    static unsigned char *text;
    static struct mmsghdr message[COUNT];
    struct iovec part[COUNT][2];
    text = malloc((size_t)COUNT * EACH);
    for (long i = 0; i < (long)COUNT * EACH; i++)
        text[i] = i * 7 + i / EACH;
    for (int i = 0; i < COUNT; i++) {
        part[i][0] = (struct iovec){text + (long)i * EACH, 1000};
        part[i][1] = (struct iovec){text + (long)i * EACH + 1000, EACH - 1000};
        message[i].msg_hdr.msg_iov = part[i];
        message[i].msg_hdr.msg_iovlen = 2;
        message[i].msg_len = 77;
    }
    printf("sendmmsg: %s, lengths", answer(sendmmsg(ends[0], message, COUNT, 0)));
    for (int i = 0; i < COUNT; i++)
        printf(" %u", message[i].msg_len);
    printf("\n");
    free(text);
    gate_open(&sent);
    return unused;
}

static void *nonblocking(void *unused)
{
    struct iovec part[3] = {{"abc", 3}, {"def", 3}, {"ghi", 3}};
    struct mmsghdr message[3] = {0};
    for (int i = 0; i < 3; i++) {
        message[i].msg_hdr.msg_iov = &part[i];
        message[i].msg_hdr.msg_iovlen = 1;
    }
    printf("DONTWAIT: %s", answer(sendmmsg(ends[0], message, 3, MSG_DONTWAIT)));
    printf(", none: %s", answer(sendmmsg(ends[0], message, 0, 0)));
    fill_up(ends[0]);
    printf(", full: %s\n", answer(sendmmsg(ends[0], message, 3, MSG_DONTWAIT)));
    close(ends[1]);
    if (read(ends[0], &(char){0}, 1) < 0)
        printf("the peer closed with data unread: %s\n", error_name(errno));
    printf("the peer is gone: %s\n", answer(sendmmsg(ends[0], message, 3, MSG_NOSIGNAL)));
    return unused;
}

int main(void)
{
    for (int tcp = 0; tcp < 2; tcp++) {
        long wrong = 0;
        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        pthread_t reader = start(reads, &wrong), writer = start(sends, NULL);
        join(writer);
        printf("%s: read %ld,", tcp ? "tcp" : "unix", unbox(join(reader)));
        printf(" wrong %ld\n", wrong);
        join(start(nonblocking, NULL));
        close(ends[0]);
    }
    return 0;
}
