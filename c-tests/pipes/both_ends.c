// Both ends of pipes and socketpairs in one process: players that never rest leave the others their turns; a number that was a pipe's
// is another's; an end is doubled; readers wait by poll; several read one pipe.
#include "../sockets/net.h"
#include <poll.h>
#include <signal.h>

struct game {
    int in, out;
};

static void *player(void *arg) {
    struct game *g = arg;
    char ball;
    while (read(g->in, &ball, 1) == 1)
        if (write(g->out, &ball, 1) != 1)
            break;
    return NULL;
}

static void *sleeper(void *arg) {
    for (int i = 0; i < 5; i++)
        usleep(4000);
    return arg;
}

static void *client(void *arg) {
    char text[5] = "";
    int fd = connected((int)(long)arg);
    write_all(fd, "hello", 5);
    long n = read_full(fd, text, 5);
    close(fd);
    return (void *)(n + !memcmp(text, "HELLO", 5));
}

// Two play for as long as others need the hub for clocks and sockets.
static void play_beside(const char *name, int a[2], int b[2]) {
    struct game one = {a[0], b[1]}, two = {b[0], a[1]};
    pthread_t players[2] = {start(player, &one), start(player, &two)};
    MUST(write(a[1], "o", 1));
    int door = listening(1);
    pthread_t slow = start(sleeper, (void *)7L), asks = start(client, (void *)(long)port_of(door));
    int fd = MUST(accept(door, NULL, NULL));
    char text[5];
    read_full(fd, text, 5);
    for (int i = 0; i < 5; i++)
        text[i] -= 32;
    write_all(fd, text, 5);
    close(fd);
    close(door);
    long asked = finish(asks), slept = finish(slow);
    printf("%s: asked %ld, slept %ld\n", name, asked, slept);
    // The ball is lost, and so they end.
    shutdown(a[1], SHUT_RDWR);
    shutdown(b[1], SHUT_RDWR);
    close(a[1]);
    close(b[1]);
    if (strcmp(name, "pipes")) {
        finish(players[0]);
        finish(players[1]);
    }
}

static void *waits_by_poll(void *arg) {
    struct pollfd p = {*(int *)arg, POLLIN, 0};
    char c;
    long n = 0;
    for (int i = 0; i < 3; i++)
        n += MUST(poll(&p, 1, -1)) == 1 && MUST(read(p.fd, &c, 1)) == 1;
    return (void *)n;
}

static void *takes(void *arg) {
    char c;
    long n = 0;
    while (MUST(read(*(int *)arg, &c, 1)) == 1)
        n++;
    return (void *)n;
}

int main(void) {
    int a[2], b[2], c[2];
    signal(SIGPIPE, SIG_IGN);
    finish(start(sleeper, NULL));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, b));
    play_beside("sockets", a, b);

    MUST(pipe(a));
    pthread_t reader = start(waits_by_poll, &a[0]);
    for (int i = 0; i < 3; i++) {
        usleep(1000);
        MUST(write(a[1], "x", 1));
    }
    printf("by poll %ld\n", finish(reader));

    // The number that the writer's pipe had for its other end is another pipe's.
    int kept = MUST(dup(a[0]));
    MUST(close(a[0]));
    MUST(pipe(c));
    printf("same number %d\n", c[0] == a[0]);
    pthread_t waiting = start(takes, &c[0]);
    usleep(1000);
    MUST(write(a[1], "1234", 4));
    char text[8];
    printf("by the other number %s\n", answer(read(kept, text, sizeof text)));
    reader = start(takes, &kept);
    usleep(1000);
    MUST(write(a[1], "12", 2));
    usleep(1000);
    MUST(write(c[1], "12345", 5));
    close(a[1]);
    close(c[1]);
    printf("doubled %ld", finish(reader));
    printf(" anew %ld\n", finish(waiting));

    pthread_t readers[5];
    long sum = 0;
    MUST(pipe(a));
    for (int i = 0; i < 5; i++)
        readers[i] = start(takes, &a[0]);
    for (int i = 0; i < 3000; i++) {
        MUST(write(a[1], "123", i % 3 + 1));
        if (i % 100 == 0)
            usleep(100);
    }
    close(a[1]);
    for (int i = 0; i < 5; i++)
        sum += finish(readers[i]);
    printf("five took %ld\n", sum);

    MUST(pipe(a));
    MUST(pipe(b));
    play_beside("pipes", a, b);
    return 0;
}
