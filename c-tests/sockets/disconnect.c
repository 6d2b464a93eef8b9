// A TCP socket after a refused connect, connected twice, disconnected by AF_UNSPEC and connected elsewhere; wrong addresses.
#include "../fixture.h"
#include "calls.h"

static struct sockaddr_in one, two;

static void *asks(void *unused)
{
    struct sockaddr_in gone, name;
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct sockaddr_in wrong = on_loopback(80);
    socklen_t size = sizeof name;
    int bound_only = must(socket(AF_INET, SOCK_STREAM, 0)), fd = must(socket(AF_INET, SOCK_STREAM, 0)), pipes[2], error = -1;
    char b[4];
    gone = on_loopback(0);
    must(bind(bound_only, (struct sockaddr *)&gone, sizeof gone));
    must(getsockname(bound_only, (struct sockaddr *)&gone, &size));
    must(pipe(pipes));
    SHOW(connect(fd, (struct sockaddr *)&gone, sizeof gone));
    size = sizeof error;
    must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    printf("SO_ERROR: %s\n", error_name(error));
    SHOW(recv(fd, b, 1, MSG_DONTWAIT));
    SHOW(send(fd, b, 1, MSG_NOSIGNAL));
    SHOW(connect(fd, (struct sockaddr *)&gone, sizeof gone));
    SHOW(connect(fd, (struct sockaddr *)&one, sizeof one));
    SHOW(connect(fd, (struct sockaddr *)&one, sizeof one));
    SHOW(connect(fd, (struct sockaddr *)&two, sizeof two));
    printf("from one: %s", answer(recv(fd, b, 4, 0)));
    printf(" %.3s\n", b);
    SHOW(connect(fd, &nobody, sizeof nobody));
    size = sizeof name;
    SHOW(getpeername(fd, (struct sockaddr *)&name, &size));
    SHOW(recv(fd, b, 1, 0));
    SHOW(send(fd, b, 1, MSG_NOSIGNAL));
    SHOW(connect(fd, (struct sockaddr *)&two, sizeof two));
    printf("from two: %s", answer(recv(fd, b, 4, 0)));
    printf(" %.3s\n", b);
    close(fd);

    fd = must(socket(AF_INET, SOCK_STREAM, 0));
    SHOW(connect(fd, (struct sockaddr *)&one, 4));
    wrong.sin_family = AF_INET6;
    SHOW(connect(fd, (struct sockaddr *)&wrong, sizeof wrong));
    SHOW(connect(pipes[0], (struct sockaddr *)&one, sizeof one));
    SHOW(connect(9999, (struct sockaddr *)&one, sizeof one));
    SHOW(connect(fd, nowhere(), sizeof one));
    SHOW(connect(bound_only, (struct sockaddr *)&gone, sizeof gone));
    must(listen(fd, 1));
    SHOW(connect(fd, (struct sockaddr *)&one, sizeof one));
    SHOW(recv(fd, b, 1, 0));
    SHOW(recv(fd, b, 1, MSG_PEEK));
    SHOW(send(fd, b, 1, MSG_NOSIGNAL));
    SHOW(read(fd, b, 1));
    return unused;
}

static void *serves(void *door)
{
    int fd = must(accept((int)unbox(door), NULL, NULL));
    char b;
    must(write(fd, door == box(50) ? "one" : "two", 3));
    // Its disconnection may be a reset.
    while (read(fd, &b, 1) > 0)
        ;
    close(fd);
    return NULL;
}

int main(void)
{
    int first = must(dup2(listen_loopback(5, &one), 50)), second = must(dup2(listen_loopback(5, &two), 51));
    pthread_t threads[] = {start(serves, box(first)), start(serves, box(second))};
    join(start(asks, NULL));
    join(threads[0]);
    join(threads[1]);
    return 0;
}
