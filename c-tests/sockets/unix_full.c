// Full Unix queues: datagrams to a slow receiver wait, or EAGAIN, or time out; so does connect to a listener that's slow to accept.
#include "../fixture.h"
#include "calls.h"

enum { MESSAGES = 300 };
static struct sockaddr_un address, door_address;
static socklen_t length, door_length;
static int in, door;

static void *sends(void *connected)
{
    int fd = must(socket(AF_UNIX, SOCK_DGRAM, 0));
    if (connected)
        must(connect(fd, (struct sockaddr *)&address, length));
    for (int i = 0; i < MESSAGES; i++) {
        char text[8];
        snprintf(text, sizeof text, "%d", i);
        must(connected ? send(fd, text, 8, 0) : sendto(fd, text, 8, 0, (struct sockaddr *)&address, length));
    }
    close(fd);
    return NULL;
}

static void *connects(void *seen)
{
    int fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
    must(connect(fd, (struct sockaddr *)&door_address, door_length));
    must(write(fd, "c", 1));
    close(fd);
    return seen;
}

static void *asks(void *unused)
{
    struct timeval limit = {0, 50000};
    int fd = must(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), own = must(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    int slow = must(socket(AF_UNIX, SOCK_STREAM, 0));
    must(connect(fd, (struct sockaddr *)&address, length));
    while (send(fd, "fill", 4, 0) > 0)
        ;
    printf("full: %s", error_name(errno));
    must(fcntl(fd, F_SETFL, 0));
    printf(", DONTWAIT: %s", answer(send(fd, "x", 1, MSG_DONTWAIT)));
    must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    double begin = now_ms();
    printf(", SO_SNDTIMEO: %s", answer(send(fd, "x", 1, 0)));
    printf(", took 50 ms: %s\n", yes(now_ms() - begin >= 49));
    struct pollfd entry = {.fd = fd, .events = POLLOUT};
    printf("poll: %s\n", answer(poll(&entry, 1, 0)));
    drain(in);
    while (recv(in, (char[8]){0}, 8, MSG_DONTWAIT) > 0)
        ;
    printf("emptied: %s", answer(poll(&entry, 1, 0)));
    printf(" %s\n", answer(send(fd, "x", 1, 0)));
    must(recv(in, (char[8]){0}, 8, 0));
    printf("too long: %s\n", answer(send(fd, malloc(1 << 20), 1 << 20, 0)));

    // Room for two; nobody accepts.
    pthread_t one = start(connects, NULL), two = start(connects, NULL);
    join(one);
    join(two);
    printf("full backlog, O_NONBLOCK: %s", answer(connect(own, (struct sockaddr *)&door_address, door_length)));
    must(setsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    begin = now_ms();
    printf(", SO_SNDTIMEO: %s", answer(connect(slow, (struct sockaddr *)&door_address, door_length)));
    printf(", took 50 ms: %s\n", yes(now_ms() - begin >= 49));
    return unused;
}

int main(void)
{
    address = unix_address("@full", &length);
    door_address = unix_address("door", &door_length);
    in = must(socket(AF_UNIX, SOCK_DGRAM, 0));
    must(bind(in, (struct sockaddr *)&address, length));
    door = must(socket(AF_UNIX, SOCK_STREAM, 0));
    must(bind(door, (struct sockaddr *)&door_address, door_length));
    must(listen(door, 1));
    pthread_t threads[6];
    for (long i = 0; i < 4; i++)
        threads[i] = start(sends, box(i % 2));
    long sum = 0;
    char text[16];
    let_it_block();
    for (int i = 0; i < 4 * MESSAGES; i++) {
        must(recv(in, text, sizeof text, 0));
        sum += atoi(text);
    }
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    printf("received: a sum of %ld\n", sum);
    join(start(asks, NULL));
    // Six wait for room, and all get in.
    for (int i = 0; i < 6; i++)
        threads[i] = start(connects, NULL);
    let_it_block();
    long got = 0;
    for (int i = 0; i < 8; i++) {
        int fd = must(accept(door, NULL, NULL));
        got += read_all(fd, text, 2);
        close(fd);
    }
    for (int i = 0; i < 6; i++)
        join(threads[i]);
    printf("accepted: %ld\n", got);
    return 0;
}
