// poll and ppoll with the timeouts 0, 50 ms and none, with and without fds, from a thread and from main.
#include "../sockets/net.h"
#include <poll.h>
static int fd[2];

static void *late_writer(void *unused) {
    (void)unused;
    usleep(20000);
    MUST(write(fd[1], "x", 1));
    return NULL;
}

static void took(const char *what, int n, long begin, long at_least) {
    long ms = now_ms() - begin;
    printf("%s: %d, elapsed >= %ld ms: %s, < 3 s: %s\n", what, n, at_least, ms >= at_least ? "yes" : "no",
           ms < 3000 ? "yes" : "no");
}

static void *user(void *unused) {
    (void)unused;
    struct pollfd p = {.fd = fd[0], .events = POLLIN};
    struct timespec t = {0, 50000000}, zero = {0, 0};
    long begin = now_ms();
    took("poll 0", poll(&p, 1, 0), begin, 0);
    begin = now_ms();
    took("poll 50", poll(&p, 1, 50), begin, 50);
    begin = now_ms();
    took("poll of nothing 50", poll(NULL, 0, 50), begin, 50);
    begin = now_ms();
    took("ppoll 50", ppoll(&p, 1, &t, NULL), begin, 49);
    begin = now_ms();
    took("ppoll 0", ppoll(&p, 1, &zero, NULL), begin, 0);
    for (int kind = 0; kind < 3; kind++) {
        char byte;
        pthread_t thread = start(late_writer, NULL);
        begin = now_ms();
        int n = kind == 0 ? poll(&p, 1, -1) : kind == 1 ? poll(&p, 1, 10000) : ppoll(&p, 1, NULL, NULL);
        took("until written", n, begin, 0);
        printf("revents %x", (unsigned)p.revents);
        printf(", once more %d", poll(&p, 1, 0));
        printf(", read %s\n", answer(read(fd[0], &byte, 1)));
        finish(thread);
    }
    return NULL;
}

int main(void) {
    for (int kind = 0; kind < 2; kind++) {
        if (kind)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else
            MUST(pipe(fd));
        finish(start(user, NULL));
        user(NULL);
    }
    return 0;
}
