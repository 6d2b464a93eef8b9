// MSG_PEEK waits for data and leaves it there, again and again; with MSG_DONTWAIT it never waits.
#include "net.h"
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char buffer[16] = "";
    long n = recv(fd[0], buffer, 3, MSG_PEEK);
    printf("peek 3: %s %s\n", answer(n), buffer);
    n = recv(fd[0], buffer, 1, MSG_PEEK | MSG_DONTWAIT);
    printf("peek 1: %s %c\n", answer(n), buffer[0]);
    n = recv(fd[0], buffer, sizeof buffer, 0);
    printf("recv: %s %.5s\n", answer(n), buffer);
    n = recv(fd[0], buffer, sizeof buffer, MSG_PEEK | MSG_DONTWAIT);
    printf("peek the empty: %s\n", answer(n));
    write_all(fd[0], "x", 1);
    n = recv(fd[0], buffer, sizeof buffer, MSG_PEEK);
    printf("peek the end: %s\n", answer(n));
    n = recv(fd[0], buffer, sizeof buffer, 0);
    printf("the end: %s\n", answer(n));
    return NULL;
}

int main(void) {
    char byte;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    pthread_t thread = start(reader, NULL);
    write_all(fd[1], "hello", 5);
    MUST(read(fd[1], &byte, 1));
    close(fd[1]);
    finish(thread);
    return 0;
}
