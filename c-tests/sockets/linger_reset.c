// SO_LINGER 0 resets the connection: who waits in recv, read, send or poll is told ECONNRESET, once; then the end and EPIPE.
#include "../fixture.h"
#include "calls.h"
#include <netinet/tcp.h>

static int ends[2], turn[2], way;

static void reset(int fd)
{
    struct linger none = {1, 0};
    must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none));
    close(fd);
}

static void *waits(void *unused)
{
    static char much[8 << 20];
    struct iovec part = {much, 100};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct mmsghdr two[2] = {{.msg_hdr = message}, {.msg_hdr = message}};
    struct pollfd entry = {.fd = ends[0], .events = POLLIN};
    static const char *const names[] = {"recv", "read", "readv", "recvfrom", "recvmsg", "recvmmsg", "MSG_PEEK", "MSG_WAITALL", "poll"};
    if (way == 9)
        fill_up(ends[0]);
    must(write(turn[1], "x", 1));
    if (way == 9) {
        printf("send: %s", answer(send(ends[0], much, sizeof much, MSG_NOSIGNAL)));
    } else {
        printf("%s: %s", names[way],
               way == 0   ? answer(recv(ends[0], much, 100, 0))
               : way == 1 ? answer(read(ends[0], much, 100))
               : way == 2 ? answer(readv(ends[0], &part, 1))
               : way == 3 ? answer(recvfrom(ends[0], much, 100, 0, NULL, NULL))
               : way == 4 ? answer(recvmsg(ends[0], &message, 0))
               : way == 5 ? answer(recvmmsg(ends[0], two, 2, 0, NULL))
               : way == 6 ? answer(recv(ends[0], much, 100, MSG_PEEK))
               : way == 7 ? answer(recv(ends[0], much, 100, MSG_WAITALL))
                          : answer(poll(&entry, 1, 30000)));
        if (way == 8) {
            int error = -1;
            socklen_t size = sizeof error;
            must(getsockopt(ends[0], SOL_SOCKET, SO_ERROR, &error, &size));
            printf(", hung up %s, error %s, SO_ERROR %s", yes(entry.revents & POLLHUP), yes(entry.revents & POLLERR), error_name(error));
        }
    }
    printf(", recv: %s", answer(recv(ends[0], much, 100, 0)));
    printf(", send: %s", answer(send(ends[0], "x", 1, MSG_NOSIGNAL)));
    printf(", send: %s", answer(send(ends[0], "x", 1, MSG_NOSIGNAL)));
    printf(", shutdown: %s\n", answer(shutdown(ends[0], SHUT_RDWR)));
    return unused;
}

int main(void)
{
    must(pipe(turn));
    for (way = 0; way < 10; way++) {
        tcp_pair(ends);
        pthread_t thread = start(waits, NULL);
        must(read(turn[0], &(char){0}, 1));
        let_it_block();
        reset(ends[1]);
        join(thread);
        close(ends[0]);
    }
    // What had come before the reset can be lost, but not the reset; what is sent first, after it, is told of it too.
    char b[8];
    tcp_pair(ends);
    reset(ends[1]);
    printf("send first: %s", answer(send(ends[0], "x", 1, MSG_NOSIGNAL)));
    printf(", then recv: %s\n", answer(recv(ends[0], b, 1, 0)));
    // A close with data unread resets as well.
    tcp_pair(ends);
    must(write(ends[0], "unread", 6));
    must(recv(ends[1], b, 1, MSG_PEEK));
    close(ends[1]);
    printf("closed with data unread: %s\n", answer(recv(ends[0], b, 1, 0)));
    // One that lingers waits in close until all is taken.
    struct linger some = {1, 10};
    tcp_pair(ends);
    must(setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &some, sizeof some));
    must(write(ends[0], "bytes", 5));
    SHOW(close(ends[0]));
    printf("taken: %s", answer(recv(ends[1], b, 5, MSG_WAITALL)));
    printf(", the end: %s\n", answer(recv(ends[1], b, 1, 0)));
    return 0;
}
