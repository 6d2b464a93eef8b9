// An echo server that has closed what it inherited, as daemons do, and clients that ask it. The server's a child; its clients are
// threads of the parent.
#ifndef DAEMON_H
#define DAEMON_H
#include "../fixture.h"
#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { CLIENTS = 20, REQUESTS = 10 };

static const struct sockaddr_un door = {AF_UNIX, "door"};

static void *serve(void *connection)
{
    int fd = unbox(connection);
    char buffer[64];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        write_all(fd, buffer, n);
    close(fd);
    return NULL;
}

// Serves so many clients, a thread for each, and ends with 0 if all went well. Nobody hears what it prints.
__attribute__((noreturn)) static inline void run_server(void)
{
    pthread_t servers[CLIENTS];
    // What daemons do for those who print.
    for (int fd = 0; fd < 3; fd++)
        if (open("/dev/null", O_RDWR) != fd)
            _exit(90);
    struct sockaddr_un first = {AF_UNIX, "half-open"};
    int listener = must(socket(AF_UNIX, SOCK_STREAM, 0));
    if (listener != 3)
        _exit(91);
    must(bind(listener, (struct sockaddr *)&first, sizeof first));
    must(listen(listener, CLIENTS));
    must(rename(first.sun_path, door.sun_path));
    for (int i = 0; i < CLIENTS; i++)
        servers[i] = start(serve, box(must(accept(listener, NULL, NULL))));
    for (int i = 0; i < CLIENTS; i++)
        join(servers[i]);
    // The numbers are what they would be.
    close(listener);
    if (open("/dev/null", O_RDWR) != 3)
        _exit(92);
    _exit(0);
}

static void *ask(void *id)
{
    int fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
    long right = 0;
    while (connect(fd, (const struct sockaddr *)&door, sizeof door) < 0) {
        if (errno != ENOENT)
            die("connect");
        usleep(500);
    }
    for (int i = 0; i < REQUESTS; i++) {
        char text[32], back[32] = "";
        int size = snprintf(text, sizeof text, "client %ld, request %d", unbox(id), i);
        write_all(fd, text, size);
        right += (int)read_all(fd, back, size) == size && memcmp(text, back, size) == 0;
    }
    close(fd);
    return box(right);
}

static inline void ask_all(pid_t server)
{
    pthread_t clients[CLIENTS];
    long right = 0;
    int status;
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start(ask, box(i));
    for (int i = 0; i < CLIENTS; i++)
        right += unbox(join(clients[i]));
    must(waitpid(server, &status, 0));
    unlink(door.sun_path);
    printf("right %ld, server ended %d\n", right, status);
}
#endif
