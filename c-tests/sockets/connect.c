// connect from threads: refused, to a Unix path that is missing, twice, and at last with data both ways.
#include "net.h"
#include <sys/un.h>
static int port;

static void *client(void *unused) {
    (void)unused;
    // A port that is ours and has no listener.
    int gone = bound(SOCK_STREAM), fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
    struct sockaddr_in a = loopback(port_of(gone));
    printf("no listener: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    printf("its O_NONBLOCK: %s\n", fcntl(fd, F_GETFL) & O_NONBLOCK ? "yes" : "no");
    close(fd);
    close(gone);
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "no-such-socket"};
    fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    printf("no path: %s\n", answer(connect(fd, (struct sockaddr *)&path, sizeof path)));
    close(fd);
    printf("bad fd: %s\n", answer(connect(-1, (struct sockaddr *)&a, sizeof a)));
    a = loopback(port);
    fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
    printf("connect: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    printf("again: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    char buffer[6] = "";
    write_all(fd, "ping", 4);
    read_full(fd, buffer, 5);
    printf("client read %s\n", buffer);
    close(fd);
    return NULL;
}

int main(void) {
    char buffer[5] = "";
    int door = listening(5);
    port = port_of(door);
    pthread_t thread = start(client, NULL);
    int fd = MUST(accept(door, NULL, NULL));
    read_full(fd, buffer, 4);
    write_all(fd, "pong!", 5);
    finish(thread);
    printf("server read %s\n", buffer);
    return 0;
}
