// SO_SNDTIMEO: a send into a full socket gives what it sent so far, and the next one, which can send nothing, EAGAIN.
#include "net.h"
enum { BIG = 8 << 20 };

static void *sender(void *arg) {
    int fd = (int)(long)arg;
    struct timeval t = {0, 60000};
    char *data = calloc(1, BIG);
    MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
    long begin = now_ms(), n = send(fd, data, BIG, 0), took = now_ms() - begin;
    printf("first: %s, elapsed >= 59ms: %s\n", n > 0 && n < BIG ? "a part" : answer(n), took >= 59 ? "yes" : "no");
    // Nobody reads, so soon nothing more fits.
    long sent = n;
    for (int tries = 0; tries < 20 && n > 0; tries++) {
        begin = now_ms();
        n = send(fd, data, BIG, 0);
        if (n > 0)
            sent += n;
    }
    const char *text = answer(n);
    took = now_ms() - begin;
    printf("at last: %s, elapsed >= 59ms: %s, < 3s: %s\n", text, took >= 59 ? "yes" : "no",
           took < 3000 ? "yes" : "no");
    shutdown(fd, SHUT_WR);
    free(data);
    return (void *)sent;
}

int main(void) {
    int fd[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    long sent = finish(start(sender, (void *)(long)fd[0])), got = 0, n;
    char buffer[65536];
    // All that was counted as sent arrives, and no more.
    while ((n = MUST(read(fd[1], buffer, sizeof buffer))) > 0)
        got += n;
    printf("received what was sent: %s\n", sent > 0 && got == sent ? "yes" : "no");
    return 0;
}
