// select and pselect from a thread: reads, writes, timeouts, no fds, a bad fd, and the sets they leave behind.
#include "../sockets/net.h"
#include <sys/select.h>
static int fd[2];

static void *late_writer(void *unused) {
    (void)unused;
    usleep(20000);
    MUST(write(fd[1], "x", 1));
    return NULL;
}

static void *user(void *unused) {
    (void)unused;
    fd_set in, out, except;
    char byte;
    FD_ZERO(&in);
    FD_SET(fd[0], &in);
    struct timeval t = {0, 50000};
    long begin = now_ms();
    int n = select(fd[0] + 1, &in, NULL, NULL, &t);
    printf("timeout: %s", answer(n));
    printf(", elapsed >= 49 ms: %s, set empty: %s, time left: %ld.%06ld\n", now_ms() - begin >= 49 ? "yes" : "no",
           FD_ISSET(fd[0], &in) ? "no" : "yes", (long)t.tv_sec, (long)t.tv_usec);
    begin = now_ms();
    t = (struct timeval){0, 30000};
    n = select(0, NULL, NULL, NULL, &t);
    printf("as a sleep: %s, elapsed >= 29 ms: %s\n", answer(n), now_ms() - begin >= 29 ? "yes" : "no");
    t = (struct timeval){0, 0};
    FD_SET(fd[0], &in);
    printf("no time: %s\n", answer(select(fd[0] + 1, &in, NULL, NULL, &t)));

    for (int kind = 0; kind < 3; kind++) {
        FD_ZERO(&in);
        FD_ZERO(&except);
        FD_SET(fd[0], &in);
        FD_SET(fd[0], &except);
        t = (struct timeval){10, 0};
        struct timespec precise = {10, 0};
        pthread_t thread = start(late_writer, NULL);
        n = kind == 0   ? select(fd[0] + 1, &in, NULL, &except, NULL)
            : kind == 1 ? select(fd[0] + 1, &in, NULL, &except, &t)
                        : pselect(fd[0] + 1, &in, NULL, &except, &precise, NULL);
        printf("written: %s, in set: %d, except: %d", answer(n), !!FD_ISSET(fd[0], &in), !!FD_ISSET(fd[0], &except));
        if (kind == 1)
            printf(", time left less: %s", t.tv_sec < 10 ? "yes" : "no");
        printf(", read %s\n", answer(read(fd[0], &byte, 1)));
        finish(thread);
    }

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(fd[0], &in);
    FD_SET(fd[1], &out);
    n = select((fd[0] > fd[1] ? fd[0] : fd[1]) + 1, &in, &out, NULL, NULL);
    printf("to write: %s, in %d, out %d\n", answer(n), !!FD_ISSET(fd[0], &in), !!FD_ISSET(fd[1], &out));
    FD_ZERO(&in);
    FD_ZERO(&out);
    MUST(write(fd[1], "x", 1));
    FD_SET(fd[0], &in);
    FD_SET(fd[1], &out);
    n = select(FD_SETSIZE, &in, &out, NULL, NULL);
    printf("both: %s, in %d, out %d\n", answer(n), !!FD_ISSET(fd[0], &in), !!FD_ISSET(fd[1], &out));
    MUST(read(fd[0], &byte, 1));

    FD_ZERO(&in);
    int closed = MUST(dup(fd[0]));
    close(closed);
    FD_SET(closed, &in);
    t = (struct timeval){1, 0};
    printf("bad fd: %s\n", answer(select(closed + 1, &in, NULL, NULL, &t)));
    printf("negative count: %s\n", answer(select(-1, NULL, NULL, NULL, &t)));
    t = (struct timeval){-1, 0};
    printf("negative time: %s\n", answer(select(0, NULL, NULL, NULL, &t)));
    return NULL;
}

int main(void) {
    for (int kind = 0; kind < 2; kind++) {
        if (kind)
            tcp_pair(fd);
        else
            MUST(pipe(fd));
        finish(start(user, NULL));
    }
    return 0;
}
