// What most of these fixtures need: threads that must start, calls that must succeed, loopback sockets.
#ifndef NET_H
#define NET_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// A call that has to work: anything negative ends the test.
#define MUST(call)                                                             \
    ({                                                                         \
        long must_ = (long)(call);                                             \
        if (must_ < 0) {                                                       \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE_NAME__, __LINE__, #call, \
                    strerror(errno));                                          \
            exit(99);                                                          \
        }                                                                      \
        must_;                                                                 \
    })
#ifndef __FILE_NAME__
#define __FILE_NAME__ __FILE__
#endif

// The result of a call, or the name of its error: for printing.
static inline const char *answer(long n) {
    static __thread char text[32];
    if (n < 0)
        return strerrorname_np(errno);
    snprintf(text, sizeof text, "%ld", n);
    return text;
}

static inline pthread_t start(void *(*run)(void *), void *arg) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run, arg);
    if (error) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        exit(99);
    }
    return thread;
}

static inline long finish(pthread_t thread) {
    void *result = NULL;
    int error = pthread_join(thread, &result);
    if (error) {
        fprintf(stderr, "pthread_join: %s\n", strerror(error));
        exit(99);
    }
    return (long)result;
}

static inline long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline struct sockaddr_in loopback(int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

// The port that the kernel gave to a bound socket.
static inline int port_of(int fd) {
    struct sockaddr_in a;
    socklen_t size = sizeof a;
    MUST(getsockname(fd, (struct sockaddr *)&a, &size));
    return ntohs(a.sin_port);
}

static inline int bound(int type) {
    struct sockaddr_in a = loopback(0);
    int fd = MUST(socket(AF_INET, type, 0));
    MUST(bind(fd, (struct sockaddr *)&a, sizeof a));
    return fd;
}

static inline int listening(int backlog) {
    int fd = bound(SOCK_STREAM);
    MUST(listen(fd, backlog));
    return fd;
}

static inline int connected(int port) {
    struct sockaddr_in a = loopback(port);
    int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(fd, (struct sockaddr *)&a, sizeof a));
    return fd;
}

// Two connected ends over TCP.
static inline void tcp_pair(int fd[2]) {
    int door = listening(1);
    fd[0] = connected(port_of(door));
    fd[1] = MUST(accept(door, NULL, NULL));
    close(door);
}

// Read until all has come or the stream ends; how much came.
static inline size_t read_full(int fd, void *buffer, size_t size) {
    size_t have = 0;
    while (have < size) {
        ssize_t n = MUST(read(fd, (char *)buffer + have, size - have));
        if (n == 0)
            break;
        have += n;
    }
    return have;
}

static inline void write_all(int fd, const void *buffer, size_t size) {
    size_t done = 0;
    while (done < size)
        done += MUST(write(fd, (const char *)buffer + done, size - done));
}

// The byte that belongs at a place of a stream, so that any loss or swap shows.
static inline unsigned char byte_at(size_t place, unsigned seed) {
    return (place * 31 + (place >> 8) * 7 + seed * 13 + 5) & 0xff;
}

static inline void fill(unsigned char *buffer, size_t size, unsigned seed) {
    for (size_t i = 0; i < size; i++)
        buffer[i] = byte_at(i, seed);
}

static inline size_t wrong_bytes(const unsigned char *buffer, size_t size, unsigned seed) {
    size_t wrong = 0;
    for (size_t i = 0; i < size; i++)
        wrong += buffer[i] != byte_at(i, seed);
    return wrong;
}
#endif
