// recvmmsg on UDP: it waits for the first datagram, or for all, or for as many as there are; lengths, addresses, truncation.
#include "../fixture.h"
#include "calls.h"

enum { MOST = 8 };
struct batch {
    struct mmsghdr message[MOST];
    struct iovec part[MOST];
    struct sockaddr_in from[MOST];
    char text[MOST][16];
};

static int in, out, turn[2];
static struct sockaddr_in address, sender;

static struct mmsghdr *fresh(struct batch *batch, size_t room)
{
    memset(batch, 0, sizeof *batch);
    for (int i = 0; i < MOST; i++) {
        batch->part[i] = (struct iovec){batch->text[i], room};
        batch->message[i].msg_hdr.msg_iov = &batch->part[i];
        batch->message[i].msg_hdr.msg_iovlen = 1;
        batch->message[i].msg_hdr.msg_name = &batch->from[i];
        batch->message[i].msg_hdr.msg_namelen = sizeof batch->from[i];
    }
    return batch->message;
}

static void tell(const char *what, struct batch *batch, const char *result)
{
    printf("%s: %s", what, result);
    for (int i = 0; i < atoi(result); i++)
        printf(" %u:%s%s%s", batch->message[i].msg_len, batch->text[i],
               batch->message[i].msg_hdr.msg_flags & MSG_TRUNC ? " cut" : "",
               batch->from[i].sin_port == sender.sin_port && batch->message[i].msg_hdr.msg_namelen == sizeof sender ? "" : " whose?");
    printf("\n");
}

static void put(const char *text)
{
    must(sendto(out, text, strlen(text), 0, (struct sockaddr *)&address, sizeof address));
}

static void *receives(void *unused)
{
    struct batch batch;
    struct timespec none = {0, 0}, wrong = {0, 1000000000}, negative = {-1, 0}, long_time = {100, 0};

    tell("DONTWAIT, nothing there", &batch, answer(recvmmsg(in, fresh(&batch, 15), MOST, MSG_DONTWAIT, NULL)));
    tell("none asked for", &batch, answer(recvmmsg(in, fresh(&batch, 15), 0, 0, NULL)));
    must(write(turn[1], "x", 1));
    tell("WAITFORONE waits", &batch, answer(recvmmsg(in, fresh(&batch, 15), 1, MSG_WAITFORONE, NULL)));
    put("a"), put("bb"), put("");
    tell("WAITFORONE takes what's there", &batch, answer(recvmmsg(in, fresh(&batch, 15), MOST, MSG_WAITFORONE, NULL)));
    put("four"), put("five5");
    tell("DONTWAIT takes what's there", &batch, answer(recvmmsg(in, fresh(&batch, 15), MOST, MSG_DONTWAIT, NULL)));
    must(write(turn[1], "x", 1));
    tell("waits for all four", &batch, answer(recvmmsg(in, fresh(&batch, 15), 4, 0, NULL)));
    put("ten bytes!"), put("short");
    tell("cut", &batch, answer(recvmmsg(in, fresh(&batch, 6), 2, 0, NULL)));
    put("ten bytes!"), put("short");
    tell("cut, with MSG_TRUNC", &batch, answer(recvmmsg(in, fresh(&batch, 6), 2, MSG_TRUNC, NULL)));
    put("peek"), put("behind");
    tell("MSG_PEEK", &batch, answer(recvmmsg(in, fresh(&batch, 15), 2, MSG_PEEK, NULL)));
    tell("both", &batch, answer(recvmmsg(in, fresh(&batch, 15), 2, 0, NULL)));
    // The time is looked at when a datagram has come, and never while one is waited for.
    put("one"), put("two");
    tell("no time: one", &batch, answer(recvmmsg(in, fresh(&batch, 15), 2, 0, &none)));
    tell("the other, much time", &batch, answer(recvmmsg(in, fresh(&batch, 15), 1, 0, &long_time)));
    printf("time is left: %s, less than before: %s\n", yes(long_time.tv_sec >= 90), yes(long_time.tv_sec < 100));
    tell("wrong time", &batch, answer(recvmmsg(in, fresh(&batch, 15), 1, 0, &wrong)));
    tell("negative time", &batch, answer(recvmmsg(in, fresh(&batch, 15), 1, 0, &negative)));
    return unused;
}

int main(void)
{
    char byte;
    socklen_t length = sizeof sender;
    in = udp_socket(&address);
    out = udp_socket(&sender);
    must(getsockname(out, (struct sockaddr *)&sender, &length));
    must(pipe(turn));
    pthread_t thread = start(receives, NULL);
    must(read(turn[0], &byte, 1));
    let_it_block();
    put("first");
    must(read(turn[0], &byte, 1));
    for (int i = 0; i < 4; i++) {
        put((char *[]){"w", "xx", "yyy", "zzzz"}[i]);
        if (i == 1)
            let_it_block();
    }
    join(thread);
    return 0;
}
