// Descriptors that were made before the first thread: alone, doubled, handed to a child, to a program that was started, closed and
// reused. Who shares a description sees neither another's O_NONBLOCK nor misses what comes.
#include "fixture.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/un.h>
#include <sys/wait.h>

extern char **environ;

static int listener, port, ends[2], doubled, pair[2], left_to_child[2], given[2];

static int flags(int fd)
{
    return must(fcntl(fd, F_GETFL)) & O_NONBLOCK;
}

static void *echoes(void *fd)
{
    char byte;
    while (must(read((long)fd, &byte, 1)) == 1)
        must(write((long)fd, &byte, 1));
    return NULL;
}

static void *accepts(void *unused)
{
    for (int i = 0; i < 20; i++) {
        int fd = must(accept(listener, NULL, NULL));
        if (flags(listener))
            printf("the listener is non-blocking\n");
        join(start(echoes, (void *)(long)fd));
        must(close(fd));
    }
    return unused;
}

static void *passes_on(void *unused)
{
    char bytes[3];
    ssize_t n;
    while ((n = must(read(ends[0], bytes, sizeof bytes))) > 0)
        must(write(pair[0], bytes, n));
    return unused;
}

static int connected(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    must(connect(fd, (struct sockaddr *)&to, sizeof to));
    return fd;
}

static void *reads_one(void *fd)
{
    char byte = 0;
    must(read((long)fd, &byte, 1));
    return (void *)(long)byte;
}

// Waits at an end that somebody else has too, while that one looks at the flag and then writes.
static void shared_end(const char *what, int reader)
{
    pthread_t thread = start(reads_one, (void *)(long)reader);
    void *got;
    zero(pthread_join(thread, &got));
    printf("%s: %c, non-blocking %s\n", what, (char)(long)got, yes(flags(reader)));
}

int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof here;
    char byte;

    // The child has these, and its own eyes on their flags.
    must(pipe(left_to_child));
    pid_t child = must(fork());
    if (child == 0) {
        for (int i = 0; i < 50; i++)
            if (flags(left_to_child[0]))
                _exit(2);
        must(write(left_to_child[1], "c", 1));
        _exit(flags(left_to_child[0]) ? 3 : 0);
    }
    // A program that is started has this one.
    must(pipe(given));
    char *argv[] = {"sh", "-c", "printf g >&$0", NULL, NULL}, number[16];
    snprintf(number, sizeof number, "%d", given[1]);
    argv[3] = number;
    pid_t program;
    zero(posix_spawn(&program, "/bin/sh", NULL, NULL, argv, environ));

    listener = must(socket(AF_INET, SOCK_STREAM, 0));
    must(bind(listener, (struct sockaddr *)&here, sizeof here));
    must(listen(listener, 10));
    must(getsockname(listener, (struct sockaddr *)&here, &len));
    port = ntohs(here.sin_port);
    int closed = must(socket(AF_INET, SOCK_STREAM, 0));
    must(close(closed));
    must(pipe(ends)); // one of them has that number now
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    doubled = must(dup(ends[1]));

    pthread_t acceptor = start(accepts, NULL), passer = start(passes_on, NULL);
    for (int i = 0; i < 20; i++) {
        int fd = connected();
        byte = 'a' + i;
        for (int k = 0; k < 3; k++) {
            must(write(fd, &byte, 1));
            char back = 0;
            if (must(read(fd, &back, 1)) != 1 || back != byte)
                printf("connection %d: %c for %c\n", i, back, byte);
        }
        must(close(fd));
    }
    join(acceptor);
    printf("accepted\n");
    for (int i = 0; i < 12; i++) {
        must(write(i % 2 ? doubled : ends[1], "0123456789ab" + i, 1));
        must(read(pair[1], &byte, 1));
        putchar(byte);
    }
    printf("\n");
    must(close(ends[1]));
    must(write(doubled, "z", 1));
    must(read(pair[1], &byte, 1));
    printf("by the other number: %c\n", byte);
    must(close(doubled));
    join(passer);
    shared_end("a child's", left_to_child[0]);
    shared_end("a program's", given[0]);
    int status;
    must(waitpid(child, &status, 0));
    printf("child %d\n", status);
    must(waitpid(program, &status, 0));
    printf("program %d\n", status);
    return 0;
}
