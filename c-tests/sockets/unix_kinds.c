// Unix sockets of all three kinds, by path and in pairs: streams join messages, the others keep their bounds.
#include "net.h"
#include <sys/un.h>
static const int kinds[3] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
static const char *const names[3] = {"stream", "dgram", "seqpacket"};

static struct sockaddr_un address(const char *name, int kind) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s-%s", name, names[kind]);
    return a;
}

static void *client(void *arg) {
    int kind = (int)(long)arg;
    struct sockaddr_un to = address("server", kind), own = address("client", kind);
    int fd = MUST(socket(AF_UNIX, kinds[kind], 0));
    char b[32] = "";
    MUST(bind(fd, (struct sockaddr *)&own, sizeof own));
    MUST(connect(fd, (struct sockaddr *)&to, sizeof to));
    MUST(send(fd, "one", 3, 0));
    MUST(send(fd, "three", 5, 0));
    // Streams may give it in parts; the others give one message.
    long n = kind == 0 ? recv(fd, b, 8, MSG_WAITALL) : recv(fd, b, sizeof b, 0);
    printf("%s client got %s %s\n", names[kind], answer(n), b);
    if (kind != 0) {
        n = recv(fd, b, 2, 0);
        printf("%s client asked 2, got %s %.2s\n", names[kind], answer(n), b);
    }
    close(fd);
    return NULL;
}

static void *server(void *arg) {
    int kind = (int)(long)arg, fd = -1;
    struct sockaddr_un own = address("server", kind), from;
    socklen_t size = sizeof from;
    int door = MUST(socket(AF_UNIX, kinds[kind], 0));
    MUST(bind(door, (struct sockaddr *)&own, sizeof own));
    if (kinds[kind] != SOCK_DGRAM)
        MUST(listen(door, 5));
    pthread_t other = start(client, arg);
    char b[32] = "";
    memset(&from, 0, sizeof from);
    if (kind == 0) {
        fd = MUST(accept(door, (struct sockaddr *)&from, &size));
        recv(fd, b, 8, MSG_WAITALL);
        MUST(write(fd, b, 8));
    } else if (kind == 1) {
        for (int i = 0; i < 2; i++) {
            size = sizeof from;
            long n = MUST(recvfrom(door, b, sizeof b, 0, (struct sockaddr *)&from, &size));
            MUST(sendto(door, b, n, 0, (struct sockaddr *)&from, size));
        }
    } else {
        fd = MUST(accept(door, (struct sockaddr *)&from, &size));
        for (int i = 0; i < 2; i++) {
            long n = MUST(recv(fd, b, sizeof b, 0));
            MUST(send(fd, b, n, 0));
        }
    }
    finish(other);
    printf("%s server's client was %s\n", names[kind], from.sun_path);
    if (fd >= 0)
        printf("%s server at the end: %s\n", names[kind], answer(read(fd, b, 1)));
    return NULL;
}

static void *pair_reader(void *arg) {
    char b[32];
    for (int i = 0; i < 3; i++)
        printf(" %s", answer(recv((int)(long)arg, b, 10, MSG_TRUNC)));
    printf("\n");
    return NULL;
}

int main(void) {
    for (long kind = 0; kind < 3; kind++)
        finish(start(server, (void *)kind));
    for (int kind = 1; kind < 3; kind++) {
        int fd[2];
        MUST(socketpair(AF_UNIX, kinds[kind], 0, fd));
        printf("%s pair:", names[kind]);
        pthread_t thread = start(pair_reader, (void *)(long)fd[1]);
        MUST(write(fd[0], "1234", 4));
        MUST(write(fd[0], "123456789012", 12));
        MUST(write(fd[0], "1", 1));
        finish(thread);
    }
    return 0;
}
