// Vectors of IOV_MAX parts go through read, write and message calls in one piece; one more is refused; and so is too long a sum.
#include "../fixture.h"
#include "calls.h"
#include <limits.h>

enum { EACH = 300 };
static struct iovec out[IOV_MAX + 1], in[IOV_MAX + 1];
static char from[(IOV_MAX + 1) * EACH], to[(IOV_MAX + 1) * EACH];
static int ends[2];
// Hidden from the compiler, which would object.
static volatile int most = IOV_MAX, negative = -1;

static void *writes(void *by_message)
{
    struct msghdr message = {.msg_iov = out, .msg_iovlen = most};
    struct mmsghdr one = {.msg_hdr = message};
    return box(by_message == box(0)   ? writev(ends[0], out, most)
               : by_message == box(1) ? sendmsg(ends[0], &message, 0)
                                      : sendmmsg(ends[0], &one, 1, 0) == 1 ? (long)one.msg_len : -1);
}

static void *asks(void *unused)
{
    int pipes[2];
    struct msghdr message = {.msg_iov = in, .msg_iovlen = most + 1};
    struct mmsghdr one = {.msg_hdr = message};
    struct iovec large[2] = {{to, SSIZE_MAX}, {to, 1}}, none[2] = {{NULL, 0}, {NULL, 0}};
    must(pipe(pipes));
    SHOW(readv(ends[1], in, most + 1));
    SHOW(writev(ends[0], out, most + 1));
    SHOW(recvmsg(ends[1], &message, 0));
    SHOW(sendmsg(ends[0], &message, 0));
    SHOW(recvmmsg(ends[1], &one, 1, 0, NULL));
    SHOW(sendmmsg(ends[0], &one, 1, 0));
    SHOW(readv(pipes[0], in, most + 1));
    SHOW(writev(pipes[1], out, most + 1));
    SHOW(readv(pipes[0], in, negative));
    SHOW(writev(ends[0], large, 2));
    SHOW(writev(pipes[1], large, 2));
    SHOW(readv(pipes[0], in, 0));
    SHOW(readv(ends[0], in, 0));
    SHOW(writev(ends[0], out, 0));
    SHOW(writev(pipes[1], none, 2));
    SHOW(writev(ends[1], none, 2));
    SHOW(readv(pipes[0], none, 2));
    SHOW(readv(ends[0], none, 2));
    return unused;
}

int main(void)
{
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = i * 7 + i / 1000;
    for (int i = 0; i <= IOV_MAX; i++) {
        out[i] = (struct iovec){from + i * EACH, EACH};
        in[i] = (struct iovec){to + i * EACH, EACH};
    }
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 0)
            stream_pair(ends);
        else if (kind == 1)
            tcp_pair(ends);
        else {
            int two[2];
            must(pipe(two));
            ends[0] = two[1];
            ends[1] = two[0];
        }
        for (long way = 0; way < (kind < 2 ? 3 : 1); way++) {
            memset(to, 0, sizeof to);
            pthread_t thread = start(writes, box(way));
            size_t got = must(readv(ends[1], in, most));
            got += read_all(ends[1], to + got, (size_t)most * EACH - got);
            printf("%s: wrote %ld, right %s\n", (char *[]){"unix", "tcp", "pipe"}[kind], unbox(join(thread)),
                   yes(!memcmp(from, to, (size_t)most * EACH)));
        }
    }
    stream_pair(ends);
    join(start(asks, NULL));
    return 0;
}
