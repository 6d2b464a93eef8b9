// pipe2(O_NONBLOCK): EAGAIN when empty and when full, from a thread; one end made blocking again waits.
#include "../sockets/net.h"
static int fd[2];

static void *writer(void *unused) {
    (void)unused;
    usleep(2000);
    write_all(fd[1], "x", 1);
    return NULL;
}

static void *user(void *unused) {
    (void)unused;
    static char b[4096];
    long n, in = 0, out = 0;
    MUST(pipe2(fd, O_NONBLOCK | O_CLOEXEC));
    printf("flags: %d %d, close-on-exec %d\n", !!(fcntl(fd[0], F_GETFL) & O_NONBLOCK),
           !!(fcntl(fd[1], F_GETFL) & O_NONBLOCK), fcntl(fd[0], F_GETFD));
    printf("empty: %s\n", answer(read(fd[0], b, 1)));
    while ((n = write(fd[1], b, sizeof b)) > 0)
        in += n;
    printf("full: %s", answer(n));
    while ((n = read(fd[0], b, sizeof b)) > 0)
        out += n;
    printf(", drained: %s, all there: %s\n", answer(n), in == out ? "yes" : "no");
    MUST(fcntl(fd[0], F_SETFL, 0));
    pthread_t other = start(writer, NULL);
    printf("blocking read: %s\n", answer(read(fd[0], b, sizeof b)));
    finish(other);
    printf("the other end's flag: %d\n", !!(fcntl(fd[1], F_GETFL) & O_NONBLOCK));
    return NULL;
}

int main(void) {
    finish(start(user, NULL));
    return 0;
}
