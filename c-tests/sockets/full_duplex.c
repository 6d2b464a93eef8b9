// A reader thread and a writer thread on the same socket, at both ends, 3 MB each way at once.
#include "net.h"
enum { SIZE = 3 << 20 };
static int fd[2];

static void *writer(void *arg) {
    long end = (long)arg;
    unsigned char *data = malloc(SIZE);
    fill(data, SIZE, end);
    for (size_t at = 0; at < SIZE; at += 65536)
        write_all(fd[end], data + at, 65536);
    free(data);
    shutdown(fd[end], SHUT_WR);
    return NULL;
}

static void *reader(void *arg) {
    long end = (long)arg, n, total = 0, wrong = 0;
    unsigned char buffer[10000];
    while ((n = MUST(read(fd[end], buffer, sizeof buffer))) > 0) {
        for (long i = 0; i < n; i++)
            wrong += buffer[i] != byte_at(total + i, !end);
        total += n;
    }
    return (void *)(total - wrong);
}

int main(void) {
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            tcp_pair(fd);
        else
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        pthread_t r[2], w[2];
        for (long i = 0; i < 2; i++) {
            r[i] = start(reader, (void *)i);
            w[i] = start(writer, (void *)i);
        }
        finish(w[0]);
        finish(w[1]);
        long a = finish(r[0]), b = finish(r[1]);
        printf("right bytes: %ld and %ld\n", a, b);
        close(fd[0]);
        close(fd[1]);
    }
    return 0;
}
