// SO_RCVTIMEO on a listening socket bounds accept; a client that comes in time is accepted.
#include "net.h"
static int door;

static void *acceptor(void *unused) {
    (void)unused;
    struct timeval t = {0, 50000};
    MUST(setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    long begin = now_ms();
    int fd = accept(door, NULL, NULL);
    const char *text = answer(fd);
    long took = now_ms() - begin;
    printf("nobody: %s, elapsed >= 49ms: %s, < 3s: %s\n", text, took >= 49 ? "yes" : "no",
           took < 3000 ? "yes" : "no");
    return NULL;
}

static void *client(void *unused) {
    (void)unused;
    usleep(10000);
    int fd = connected(port_of(door));
    write_all(fd, "hi", 2);
    close(fd);
    return NULL;
}

static void *patient(void *unused) {
    (void)unused;
    struct timeval t = {5, 0};
    char buffer[3] = "";
    MUST(setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int fd = accept(door, (struct sockaddr *)&from, &size);
    printf("accepted: %s, from %s, read %ld: ", fd >= 0 ? "yes" : answer(fd), inet_ntoa(from.sin_addr),
           (long)read_full(fd, buffer, 2));
    puts(buffer);
    close(fd);
    return NULL;
}

int main(void) {
    door = listening(5);
    finish(start(acceptor, NULL));
    pthread_t waiting = start(patient, NULL), coming = start(client, NULL);
    finish(waiting);
    finish(coming);
    return 0;
}
