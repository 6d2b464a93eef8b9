// Of accept: from what doesn't listen, of connections that are reset before, with addresses cut or bad, O_NONBLOCK, and without fds left.
#include "../fixture.h"
#include "calls.h"
#include <sys/resource.h>

static void *asks(void *unused)
{
    struct sockaddr_in address, from;
    struct linger none = {1, 0};
    socklen_t size = sizeof from, negative = -1;
    int door = listen_loopback(5, &address), fresh = must(socket(AF_INET, SOCK_STREAM, 0)), udp = must(socket(AF_INET, SOCK_DGRAM, 0));
    int pipes[2], pair[2];
    char b;
    must(pipe(pipes));
    stream_pair(pair);
    SHOW(accept(fresh, NULL, NULL));
    SHOW(accept4(fresh, NULL, NULL, SOCK_CLOEXEC));
    SHOW(accept(udp, NULL, NULL));
    SHOW(accept(pair[0], NULL, NULL));
    SHOW(accept(pipes[0], NULL, NULL));
    SHOW(accept(9999, NULL, NULL));
    SHOW(accept4(door, NULL, NULL, 0x7));
    // A connection that's reset while it waits is still accepted; its first read tells.
    int client = connect_to(&address);
    must(setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof none));
    close(client);
    int fd = must(accept(door, (struct sockaddr *)&from, &size));
    printf("reset before: accepted, read: %s\n", answer(read(fd, &b, 1)));
    size = sizeof from;
    SHOW(getpeername(fd, (struct sockaddr *)&from, &size));
    close(fd);
    // A bad place for the address: the connection is lost.
    client = connect_to(&address);
    SHOW(accept(door, nowhere(), &size));
    printf("the client: %s\n", answer(read(client, &b, 1)));
    close(client);
    client = connect_to(&address);
    SHOW(accept(door, (struct sockaddr *)&from, &negative));
    close(client);
    client = connect_to(&address);
    size = 4;
    fd = must(accept(door, (struct sockaddr *)&from, &size));
    printf("an address's size is told, though cut: %d\n", (int)size);
    close(fd);
    close(client);
    client = connect_to(&address);
    fd = must(accept(door, NULL, &size));
    printf("no address wanted: size as before %s\n", yes(size == sizeof from));
    close(fd);
    close(client);
    // No descriptors left: the connection waits on.
    client = connect_to(&address);
    struct rlimit limit, low;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    low = limit;
    low.rlim_cur = 1;
    must(setrlimit(RLIMIT_NOFILE, &low));
    SHOW(accept(door, NULL, NULL));
    SHOW(socket(AF_INET, SOCK_STREAM, 0));
    must(setrlimit(RLIMIT_NOFILE, &limit));
    fd = must(accept(door, NULL, NULL));
    must(write(fd, "later", 5));
    printf("then: %s\n", answer(recv(client, (char[5]){0}, 5, MSG_WAITALL)));
    must(fcntl(door, F_SETFL, O_NONBLOCK));
    SHOW(accept(door, NULL, NULL));
    must(fcntl(door, F_SETFL, 0));
    SHOW(shutdown(door, SHUT_RD));
    SHOW(accept(door, NULL, NULL));
    SHOW(listen(door, 5));
    size = sizeof address;
    must(getsockname(door, (struct sockaddr *)&address, &size));
    client = connect_to(&address);
    printf("listening again: %s\n", yes(accept(door, NULL, NULL) >= 0));
    return unused;
}

int main(void)
{
    join(start(asks, NULL));
    return 0;
}
