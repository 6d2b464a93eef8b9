// What the echo servers of the benchmarks share: a thread per connection, beside threads that begin after so many connections.
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static long after;
static sem_t go;

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

static void *echo(void *arg) {
    int fd = (int)(long)arg, one = 1;
    char buffer[512];
    ssize_t n;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0)
        if (send(fd, buffer, n, 0) != n)
            break;
    close(fd);
    return NULL;
}

// Before anything else.
static inline void prepare_server(void) {
    struct rlimit limit;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    sem_init(&go, 0, 0);
}

// On a free port of 127.0.0.1, which is printed.
static inline void start_listening(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 4096) ||
        getsockname(listener, (struct sockaddr *)&address, &len))
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

static inline void start(const pthread_attr_t *attr, void *(*function)(void *), long arg) {
    pthread_t thread;
    errno = pthread_create(&thread, attr, function, (void *)arg);
    if (errno)
        die("pthread_create");
}

// A thread for each connection; whoever waits for `go` is let go, all of them, when the last one they wait for has come.
static inline void accept_all(const pthread_attr_t *attr, int waiters) {
    for (long accepted = 1;; accepted++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            die("accept");
        start(attr, echo, fd);
        for (int i = 0; accepted == after && i < waiters; i++)
            sem_post(&go);
    }
}

static inline void detached(pthread_attr_t *attr, size_t stack_size) {
    pthread_attr_init(attr);
    pthread_attr_setstacksize(attr, stack_size);
    pthread_attr_setdetachstate(attr, PTHREAD_CREATE_DETACHED);
}

#endif
