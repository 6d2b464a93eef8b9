// While threads wait in accept and connect on blocking sockets, F_GETFL never shows an O_NONBLOCK that nobody set.
#include "net.h"
static int door;
static volatile int stop;

static void *acceptor(void *unused) {
    (void)unused;
    long accepted = 0;
    char byte;
    for (;;) {
        int fd = MUST(accept(door, NULL, NULL));
        long n = MUST(read(fd, &byte, 1));
        close(fd);
        if (n == 0)
            return (void *)accepted;
        accepted++;
    }
}

static void *watcher(void *unused) {
    (void)unused;
    long shown = 0;
    while (!stop) {
        for (int i = 0; i < 100; i++)
            shown += !!(MUST(fcntl(door, F_GETFL)) & O_NONBLOCK);
        usleep(100);
    }
    return (void *)shown;
}

int main(void) {
    pthread_t acceptors[3], watchers[2];
    door = listening(512);
    for (int i = 0; i < 3; i++)
        acceptors[i] = start(acceptor, NULL);
    for (int i = 0; i < 2; i++)
        watchers[i] = start(watcher, NULL);
    for (int i = 0; i < 300; i++) {
        int fd = connected(port_of(door));
        write_all(fd, "x", 1);
        close(fd);
    }
    for (int i = 0; i < 3; i++)
        close(connected(port_of(door)));
    long accepted = 0, shown = 0;
    for (int i = 0; i < 3; i++)
        accepted += finish(acceptors[i]);
    stop = 1;
    for (int i = 0; i < 2; i++)
        shown += finish(watchers[i]);
    printf("accepted %ld, O_NONBLOCK shown %ld times\n", accepted, shown);
    return 0;
}
