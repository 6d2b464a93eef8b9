// A program that makes its socket non-blocking itself gets EINPROGRESS, polls, and asks SO_ERROR, as ever.
#include "net.h"
#include <poll.h>
static int try_connect(int port) {
    struct sockaddr_in a = loopback(port);
    int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), error = -1;
    socklen_t size = sizeof error;
    int result = connect(fd, (struct sockaddr *)&a, sizeof a);
    if (result < 0 && errno != EINPROGRESS)
        return errno;
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    MUST(poll(&wait, 1, 10000));
    MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    printf("still non-blocking: %s\n", fcntl(fd, F_GETFL) & O_NONBLOCK ? "yes" : "no");
    close(fd);
    return error;
}

static void *client(void *arg) {
    int port = (int)(long)arg;
    int gone = bound(SOCK_STREAM);
    printf("no listener: %s\n", strerrorname_np(try_connect(port_of(gone))));
    printf("listener: %d\n", try_connect(port));
    return NULL;
}

int main(void) {
    int door = listening(5);
    pthread_t thread = start(client, (void *)(long)port_of(door));
    int fd = MUST(accept(door, NULL, NULL));
    char byte;
    long n = MUST(read(fd, &byte, 1));
    finish(thread);
    printf("the server read %ld\n", n);
    return 0;
}
