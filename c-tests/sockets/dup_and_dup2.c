// A dup goes on when the original is closed; dup2 onto an fd in use ends the old connection and serves the new one.
// fds: 400
#include "net.h"
static void *echo_once(void *arg) {
    int fd = (int)(long)arg;
    char b[16];
    long n = MUST(read(fd, b, sizeof b));
    if (n > 0)
        write_all(fd, b, n);
    return (void *)n;
}

// What comes back from the other end.
static void show(const char *what, int fd) {
    char b[16] = "";
    long n = read(fd, b, sizeof b - 1);
    printf("%s: %s %s\n", what, answer(n), b);
}

int main(void) {
    int one[2], two[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, one));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, two));

    int twin = MUST(dup(one[1]));
    pthread_t thread = start(echo_once, (void *)(long)twin);
    usleep(1000);
    close(one[1]);
    write_all(one[0], "to dup", 6);
    show("original closed", one[0]);
    finish(thread);

    // The thread waits on the original, the dup is closed.
    one[1] = MUST(dup(twin));
    thread = start(echo_once, (void *)(long)one[1]);
    usleep(1000);
    close(twin);
    write_all(one[0], "to original", 11);
    show("dup closed", one[0]);
    finish(thread);

    // The number one[1] becomes an end of the second pair; the first pair's peer sees the end.
    MUST(write(one[0], "unread", 6));
    printf("dup2 gives the number: %s\n", dup2(two[1], one[1]) == one[1] ? "yes" : "no");
    show("old peer", one[0]);
    thread = start(echo_once, (void *)(long)one[1]);
    write_all(two[0], "to new", 6);
    show("new peer", two[0]);
    finish(thread);
    close(two[1]);
    thread = start(echo_once, (void *)(long)one[1]);
    write_all(two[0], "still", 5);
    show("its first number closed", two[0]);
    finish(thread);
    printf("dup2 onto itself: %s\n", dup2(one[1], one[1]) == one[1] ? "yes" : "no");
    printf("dup3 close-on-exec: %s\n", fcntl(dup3(one[1], 200, O_CLOEXEC), F_GETFD) == FD_CLOEXEC ? "yes" : "no");
    printf("F_DUPFD from 300: %d\n", fcntl(one[1], F_DUPFD, 300));
    close(one[1]);
    close(200);
    thread = start(echo_once, (void *)300L);
    write_all(two[0], "last", 4);
    show("on F_DUPFD's number", two[0]);
    finish(thread);
    close(300);
    show("all closed", two[0]);
    return 0;
}
