// What poll says of ends, errors, closed numbers, negative fds, full pipes, files and half-closed sockets.
#include "../sockets/net.h"
#include <poll.h>
static void show(const char *what, int fd, int events) {
    struct pollfd p = {.fd = fd, .events = events, .revents = 0x7777};
    int n = poll(&p, 1, 1000);
    printf("%s: %s,", what, answer(n));
    static const struct {
        int bit;
        const char *name;
    } bits[] = {{POLLIN, "IN"},   {POLLOUT, "OUT"},   {POLLERR, "ERR"},       {POLLHUP, "HUP"},       {POLLNVAL, "NVAL"},
                {POLLPRI, "PRI"}, {POLLRDHUP, "RDHUP"}, {POLLRDNORM, "RDNORM"}, {POLLWRNORM, "WRNORM"}};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (p.revents & bits[i].bit)
            printf(" %s", bits[i].name);
    printf("\n");
}

static void *user(void *unused) {
    (void)unused;
    int a[2], b[2], s[2], t[2];
    MUST(pipe(a));
    MUST(pipe(b));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    tcp_pair(t);
    show("empty pipe, to write", a[1], POLLOUT);
    show("socket, both ways", s[0], POLLIN | POLLOUT);
    MUST(write(a[1], "x", 1));
    show("pipe with data", a[0], POLLIN | POLLRDNORM);
    close(a[1]);
    show("data and no writer", a[0], POLLIN);
    char byte;
    MUST(read(a[0], &byte, 1));
    show("no writer", a[0], POLLIN);
    show("no writer, no wish", a[0], 0);
    close(b[0]);
    show("no reader", b[1], POLLOUT);
    show("no reader, no wish", b[1], 0);
    show("closed number", a[1], POLLIN);
    show("number never used", 9999, POLLIN | POLLOUT);
    MUST(shutdown(s[1], SHUT_WR));
    show("peer half-closed", s[0], POLLIN | POLLRDHUP);
    close(s[1]);
    show("peer closed", s[0], POLLIN | POLLOUT | POLLRDHUP);
    MUST(shutdown(t[1], SHUT_WR));
    show("tcp peer half-closed", t[0], POLLIN | POLLRDHUP);
    MUST(shutdown(t[0], SHUT_WR));
    show("tcp, both ended", t[0], POLLIN | POLLRDHUP);
    int file = MUST(open("file", O_CREAT | O_RDWR, 0600)), null = MUST(open("/dev/null", O_RDWR));
    show("regular file", file, POLLIN | POLLOUT);
    show("null device", null, POLLIN | POLLOUT);
    tcp_pair(t);
    MUST(send(t[1], "u", 1, MSG_OOB));
    show("urgent byte", t[0], POLLPRI);

    // Negative fds are passed over, the rest are counted.
    MUST(pipe(a));
    struct pollfd set[4] = {{-1, POLLIN, 0x7777}, {a[0], POLLIN, 0x7777}, {-5, POLLOUT, 0x7777}, {9999, 0, 0x7777}};
    printf("with negative fds: %d,", poll(set, 4, -1));
    for (int i = 0; i < 4; i++)
        printf(" %x", (unsigned)set[i].revents);
    struct pollfd only = {-1, POLLIN, 0x7777};
    printf("\nonly a negative fd: %d,", poll(&only, 1, 10));
    printf(" %x\n", (unsigned)only.revents);
    // The same fd twice counts twice.
    MUST(write(a[1], "x", 1));
    struct pollfd twice[2] = {{a[0], POLLIN, 0}, {a[0], POLLIN, 0}};
    printf("the same fd twice: %d\n", poll(twice, 2, -1));
    return NULL;
}

int main(void) {
    finish(start(user, NULL));
    return 0;
}
