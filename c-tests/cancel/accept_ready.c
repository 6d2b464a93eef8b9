// A thread is cancelled just as it has something to accept: others accept and connect after that as before.
#include "fixture.h"

enum { ROUNDS = 100 };

static struct sockaddr_in address;
static int door, wake[2];

// Accepts until it's cancelled.
static void *accepts(void *unused)
{
    (void)unused;
    for (;;)
        close(must(accept(door, NULL, NULL)));
    return NULL;
}

// Lets main and the accepting thread go on at once.
static void *stirs(void *unused)
{
    must(write(wake[1], "x", 1));
    close(connect_to(&address));
    return unused;
}

// What is left of a round's connection is accepted here, if it wasn't there.
static void *accepts_one(void *unused)
{
    (void)unused;
    int fd = must(accept(door, NULL, NULL));
    char bytes[2];
    return box(read(fd, bytes, sizeof bytes) == 1 ? (close(fd), 1) : (close(fd), 0));
}

int main(void)
{
    int cancelled = 0, accepted = 0;
    char byte;

    must(pipe(wake));
    for (int i = 0; i < ROUNDS; i++) {
        door = listen_loopback(5, &address);
        pthread_t thread = start(accepts, NULL);
        if (i % 2)
            usleep(200);
        pthread_t stirring = start(stirs, NULL);
        must(read(wake[0], &byte, 1));
        zero(pthread_cancel(thread));
        cancelled += join(thread) == PTHREAD_CANCELED;
        join(stirring);
        int fd = connect_to(&address);
        must(write(fd, "x", 1));
        for (int got = 0; !got;) {
            thread = start(accepts_one, NULL);
            got = unbox(join(thread));
            accepted += got;
        }
        close(fd);
        close(door);
    }
    printf("cancelled %d, accepted %d, of %d\n", cancelled, accepted, ROUNDS);
    return 0;
}
