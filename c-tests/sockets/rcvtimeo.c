// SO_RCVTIMEO: a recv without data ends with EAGAIN, not too early; data in time is delivered; taking it off works.
#include "net.h"
static int fd[2];

static void set_timeout(int ms) {
    struct timeval t = {ms / 1000, ms % 1000 * 1000};
    MUST(setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
}

static void *late_writer(void *unused) {
    (void)unused;
    usleep(20000);
    write_all(fd[1], "late", 4);
    return NULL;
}

static void *reader(void *unused) {
    (void)unused;
    char buffer[8];
    for (int kind = 0; kind < 3; kind++) {
        set_timeout(50);
        long begin = now_ms();
        struct iovec part = {buffer, 8};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        long n = kind == 0   ? recv(fd[0], buffer, 8, 0)
                 : kind == 1 ? read(fd[0], buffer, 8)
                             : recvmsg(fd[0], &message, 0);
        const char *text = answer(n);
        long took = now_ms() - begin;
        printf("nothing came: %s, elapsed >= 49ms: %s, < 3s: %s\n", text, took >= 49 ? "yes" : "no",
               took < 3000 ? "yes" : "no");
        // Long enough for anybody: the data comes first.
        set_timeout(5000);
        pthread_t writer = start(late_writer, NULL);
        n = recv(fd[0], buffer, 8, 0);
        printf("came in time: %s %.4s\n", answer(n), buffer);
        finish(writer);
        set_timeout(0);
        writer = start(late_writer, NULL);
        n = recv(fd[0], buffer, 8, 0);
        printf("without timeout: %s\n", answer(n));
        finish(writer);
    }
    // What one asked for is what one reads back.
    struct timeval t = {0, 0};
    socklen_t size = sizeof t;
    set_timeout(2000);
    MUST(getsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &t, &size));
    printf("timeout reads back as %ld.%06ld\n", (long)t.tv_sec, (long)t.tv_usec);
    return NULL;
}

int main(void) {
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            tcp_pair(fd);
        else
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        finish(start(reader, NULL));
        close(fd[0]);
        close(fd[1]);
    }
    return 0;
}
