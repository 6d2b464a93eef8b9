// A thread waits in poll without a timeout, and is woken by data, by the end, by room to write, by a peer that goes.
#include "../sockets/net.h"
#include <poll.h>
static struct pollfd p;

static void *waiter(void *unused) {
    (void)unused;
    return (void *)(long)poll(&p, 1, -1);
}

static pthread_t wait_for(int fd, int events) {
    p = (struct pollfd){.fd = fd, .events = events};
    pthread_t thread = start(waiter, NULL);
    usleep(2000);
    return thread;
}

static void show(const char *what, pthread_t thread) {
    long n = finish(thread);
    printf("%s: %ld, %x\n", what, n, (unsigned)p.revents);
}

int main(void) {
    int a[2], s[2];
    static char b[65536];
    MUST(pipe(a));
    pthread_t thread = wait_for(a[0], POLLIN);
    MUST(write(a[1], "x", 1));
    show("data", thread);
    MUST(read(a[0], b, 1));

    thread = wait_for(a[0], POLLIN);
    close(a[1]);
    show("last writer left", thread);
    close(a[0]);

    MUST(pipe2(a, O_NONBLOCK));
    while (write(a[1], b, sizeof b) > 0)
        ;
    thread = wait_for(a[1], POLLOUT);
    while (read(a[0], b, sizeof b) > 0)
        ;
    show("room", thread);
    while (write(a[1], b, sizeof b) > 0)
        ;
    thread = wait_for(a[1], POLLOUT);
    close(a[0]);
    long n = finish(thread);
    printf("last reader left: %ld, error: %s\n", n, p.revents & POLLERR ? "yes" : "no");

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    thread = wait_for(s[0], POLLIN | POLLRDHUP);
    MUST(shutdown(s[1], SHUT_WR));
    show("half-closed", thread);
    thread = wait_for(s[0], 0);
    close(s[1]);
    show("closed, no wish", thread);
    return 0;
}
