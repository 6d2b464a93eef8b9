// writev and sendmsg of 4 MB in 1,000 uneven parts write all of it, in order; readv scatters it again.
#include "net.h"
#include <sys/uio.h>
enum { BIG = 4 << 20, PARTS = 1000 };
static int fd[2];
static unsigned char data[BIG], got[BIG];

// Cuts a buffer into uneven parts that together are all of it.
static void cut(struct iovec *parts, unsigned char *whole) {
    size_t at = 0;
    for (int i = 0; i < PARTS; i++) {
        size_t size = i == PARTS - 1 ? BIG - at : (size_t)(i % 7 == 0 ? 0 : i % 100 * 80 + 1);
        parts[i] = (struct iovec){whole + at, size};
        at += size;
    }
}

static void *reader(void *unused) {
    (void)unused;
    size_t have = 0;
    memset(got, 0, sizeof got);
    while (have < BIG) {
        // Two small parts and one large.
        size_t left = BIG - have, first = left < 10 ? left : 10, second = left - first < 20 ? left - first : 20;
        struct iovec parts[3] = {
            {got + have, first}, {got + have + first, second}, {got + have + first + second, left - first - second}};
        long n = MUST(readv(fd[1], parts, 3));
        if (n == 0)
            break;
        have += n;
    }
    return (void *)have;
}

int main(void) {
    static struct iovec parts[PARTS];
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = PARTS};
    fill(data, sizeof data, 4);
    cut(parts, data);
    for (int kind = 0; kind < 4; kind++) {
        if (kind % 2)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else
            tcp_pair(fd);
        pthread_t thread = start(reader, NULL);
        long n = kind < 2 ? writev(fd[0], parts, PARTS) : sendmsg(fd[0], &message, 0);
        const char *text = answer(n);
        long received = finish(thread);
        printf("%s of %d: %s, received %ld, wrong %zu\n", kind < 2 ? "writev" : "sendmsg", BIG, text, received,
               wrong_bytes(got, BIG, 4));
        close(fd[0]);
        close(fd[1]);
    }
    return 0;
}
