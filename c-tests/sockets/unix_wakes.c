// Unix sockets of all kinds: a peer that closes, one that shuts down, one's own shutdown, each under a thread that receives or sends.
#include "../fixture.h"
#include "calls.h"

static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
static const char *const names[] = {"stream", "dgram", "seqpacket"};
static int ends[2], turn[2];

static void *receives(void *unused)
{
    char b[8];
    must(write(turn[1], "x", 1));
    const char *first = answer(recv(ends[0], b, sizeof b, 0));
    printf(" %s\n", first);
    return unused;
}

static void *sends(void *unused)
{
    static char text[1000];
    must(write(turn[1], "x", 1));
    while (send(ends[0], text, sizeof text, MSG_NOSIGNAL) > 0)
        ;
    // With data unread the peer's close is a reset for who waits in send, and EPIPE for who comes after it.
    printf(" %s\n", error_name(errno == ECONNRESET ? EPIPE : errno));
    return unused;
}

int main(void)
{
    must(pipe(turn));
    for (int kind = 0; kind < 3; kind++) {
        for (int way = 0; way < 6; way++) {
            // Of datagram sockets the kernel wakes these two only.
            if (kind == 1 && way != 2 && way != 3)
                continue;
            must(socketpair(AF_UNIX, kinds[kind], 0, ends));
            printf("%s, %s, %s:", names[kind], way < 3 ? "receiver" : "sender",
                   (char *[]){"the peer closes", "the peer shuts down", "its own side is shut down"}[way % 3]);
            fflush(stdout);
            pthread_t thread = start(way < 3 ? receives : sends, NULL);
            must(read(turn[0], &(char){0}, 1));
            let_it_block();
            if (way % 3 == 0)
                close(ends[1]);
            else
                must(shutdown(ends[way % 3 == 1 ? 1 : 0], SHUT_RDWR));
            join(thread);
            close(ends[0]);
            if (way % 3 != 0)
                close(ends[1]);
        }
    }
    return 0;
}
