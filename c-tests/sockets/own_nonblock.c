// Sockets the program made non-blocking itself, in every way there is, answer EAGAIN, and say so; blocking again, they wait.
#include "net.h"
#include <sys/ioctl.h>
static const char *flag(int fd) { return MUST(fcntl(fd, F_GETFL)) & O_NONBLOCK ? "O_NONBLOCK" : "-"; }

static void *writer(void *arg) {
    usleep(2000);
    write_all((int)(long)arg, "x", 1);
    return NULL;
}

static void *user(void *unused) {
    (void)unused;
    int fd[2], on = 1, off = 0;
    char b[4096] = "";
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    printf("fresh: %s %s\n", flag(fd[0]), flag(fd[1]));
    int flags = fcntl(fd[0], F_GETFL);
    MUST(fcntl(fd[0], F_SETFL, flags | O_NONBLOCK));
    printf("fcntl: %s %s, recv %s", flag(fd[0]), flag(fd[1]), answer(recv(fd[0], b, 1, 0)));
    printf(", read %s\n", answer(read(fd[0], b, 1)));
    long n;
    while ((n = write(fd[0], b, sizeof b)) > 0)
        ;
    printf("filled: %s", answer(n));
    while ((n = recv(fd[1], b, sizeof b, MSG_DONTWAIT)) > 0)
        ;
    printf(", drained: %s\n", answer(n));
    MUST(fcntl(fd[0], F_SETFL, flags));
    pthread_t other = start(writer, (void *)(long)fd[1]);
    printf("blocking again: %s, recv %s\n", flag(fd[0]), answer(recv(fd[0], b, 1, 0)));
    finish(other);
    MUST(ioctl(fd[0], FIONBIO, &on));
    printf("FIONBIO: %s, recv %s", flag(fd[0]), answer(recv(fd[0], b, 1, 0)));
    // A dup shares the flag.
    int twin = MUST(dup(fd[0]));
    printf(", dup: %s, read %s\n", flag(twin), answer(read(twin, b, 1)));
    MUST(ioctl(twin, FIONBIO, &off));
    other = start(writer, (void *)(long)fd[1]);
    printf("blocking through the dup: %s, recv %s\n", flag(fd[0]), answer(recv(fd[0], b, 1, 0)));
    finish(other);
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd));
    printf("SOCK_NONBLOCK pair: %s %s, recv %s\n", flag(fd[0]), flag(fd[1]), answer(recv(fd[0], b, 1, 0)));
    int udp = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    struct sockaddr_in a = loopback(0);
    MUST(bind(udp, (struct sockaddr *)&a, sizeof a));
    printf("SOCK_NONBLOCK socket: %s, recvfrom %s\n", flag(udp), answer(recvfrom(udp, b, 1, 0, NULL, NULL)));
    int door = listening(5);
    MUST(fcntl(door, F_SETFL, fcntl(door, F_GETFL) | O_NONBLOCK));
    printf("door: %s, accept %s\n", flag(door), answer(accept(door, NULL, NULL)));
    int to = connected(port_of(door));
    int in;
    while ((in = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0 && errno == EAGAIN)
        usleep(100);
    printf("accept4: %s, close-on-exec %d, recv %s\n", flag(in), fcntl(in, F_GETFD) & FD_CLOEXEC,
           answer(recv(in, b, 1, 0)));
    close(to);
    to = connected(port_of(door));
    while ((in = accept(door, NULL, NULL)) < 0 && errno == EAGAIN)
        usleep(100);
    // A flag of the listening socket is not handed down.
    printf("accept: %s %s, close-on-exec %d\n", flag(in), flag(to), fcntl(in, F_GETFD) & FD_CLOEXEC);
    return NULL;
}

int main(void) {
    finish(start(user, NULL));
    return 0;
}
