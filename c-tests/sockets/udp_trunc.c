// Datagrams: a short buffer cuts, MSG_TRUNC tells the real length, recvmsg sets the flag; an empty one is 0 and no end.
#include "net.h"
static int in;

static void *reader(void *unused) {
    (void)unused;
    char buffer[64];
    struct iovec part = {buffer, 4};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    printf("plain: %s\n", answer(recv(in, buffer, 4, 0)));
    printf("MSG_TRUNC: %s\n", answer(recv(in, buffer, 4, MSG_TRUNC)));
    printf("recvmsg: %s", answer(recvmsg(in, &message, 0)));
    printf(", truncated: %s\n", message.msg_flags & MSG_TRUNC ? "yes" : "no");
    printf("peek for the size: %s\n", answer(recv(in, NULL, 0, MSG_PEEK | MSG_TRUNC)));
    printf("MSG_WAITALL takes one: %s\n", answer(recv(in, buffer, sizeof buffer, MSG_WAITALL)));
    printf("empty: %s\n", answer(recv(in, buffer, sizeof buffer, 0)));
    printf("read of the last: %s\n", answer(read(in, buffer, sizeof buffer)));
    return NULL;
}

int main(void) {
    in = bound(SOCK_DGRAM);
    int out = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in to = loopback(port_of(in));
    pthread_t thread = start(reader, NULL);
    for (int i = 0; i < 4; i++)
        MUST(sendto(out, "0123456789", 10 - i, 0, (struct sockaddr *)&to, sizeof to));
    MUST(sendto(out, "", 0, 0, (struct sockaddr *)&to, sizeof to));
    MUST(connect(out, (struct sockaddr *)&to, sizeof to));
    MUST(write(out, "end", 3));
    finish(thread);
    return 0;
}
