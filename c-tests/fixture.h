// What any C program keeps in its util.h: the fixtures' shared helpers. Include it first.
#ifndef FIXTURE_H
#define FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Ends the program when something failed that the fixture is not about.
__attribute__((noreturn)) static inline void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(99);
}

// For calls that answer -1 and set errno.
static inline long must_(long result, const char *what)
{
    if (result == -1)
        die(what);
    return result;
}
#define must(call) must_((long)(call), #call)

// For calls that answer with the error number.
static inline void zero_(int error, const char *what)
{
    if (error != 0) {
        errno = error;
        die(what);
    }
}
#define zero(call) zero_((call), #call)

// "EAGAIN"; "0" for no error.
static inline const char *error_name(int error)
{
    return error == 0 ? "0" : strerrorname_np(error);
}

// The result of a call that answers -1 and sets errno, as text: "5" or "EAGAIN".
#define answer(call) answer_((errno = 0, (long)(call)))
static inline const char *answer_(long result)
{
    static __thread char text[8][24];
    static __thread unsigned next;
    if (result == -1)
        return error_name(errno);
    char *place = text[next++ % 8];
    snprintf(place, sizeof text[0], "%ld", result);
    return place;
}

static inline const char *yes(int truth)
{
    return truth ? "yes" : "no";
}

static inline pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    zero(pthread_create(&thread, NULL, function, argument));
    return thread;
}

// A thread with a small stack, as programs with many threads have.
static inline pthread_t start_small(void *(*function)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 64 * 1024));
    zero(pthread_create(&thread, &attributes, function, argument));
    zero(pthread_attr_destroy(&attributes));
    return thread;
}

static inline void *join(pthread_t thread)
{
    void *value;
    zero(pthread_join(thread, &value));
    return value;
}

// A number as the void * that threads take and give.
static inline void *box(long number)
{
    return (void *)(intptr_t)number;
}

static inline long unbox(void *pointer)
{
    return (long)(intptr_t)pointer;
}

// Milliseconds on the monotonic clock.
static inline double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

// A point in time, so many milliseconds from now.
static inline struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec when;
    clock_gettime(clock, &when);
    when.tv_nsec += ms * 1000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    return when;
}

// Gives another thread time to block. No answer may depend on whether it did: this only makes it the likely case.
static inline void let_it_block(void)
{
    struct timespec pause = {0, 30 * 1000000};
    nanosleep(&pause, NULL);
}

// How many kernel threads the process has.
static inline int kernel_threads(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

// A gate that opens once, for all.
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    int open;
};
#define GATE_CLOSED {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

static inline void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = 1;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_wait(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    while (!gate->open)
        pthread_cond_wait(&gate->opened, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

// A listening TCP socket on 127.0.0.1 at a port of the kernel's choice.
static inline int listen_loopback(int backlog, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(fd, (struct sockaddr *)address, sizeof *address));
    must(listen(fd, backlog));
    must(getsockname(fd, (struct sockaddr *)address, &length));
    return fd;
}

static inline int connect_to(const struct sockaddr_in *address)
{
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    must(connect(fd, (const struct sockaddr *)address, sizeof *address));
    return fd;
}

// Two ends of one stream.
static inline void stream_pair(int ends[2])
{
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

// Two ends of one TCP connection.
static inline void tcp_pair(int ends[2])
{
    struct sockaddr_in address;
    int listener = listen_loopback(1, &address);
    ends[0] = connect_to(&address);
    ends[1] = must(accept(listener, NULL, NULL));
    close(listener);
}

// Reads until so many bytes are there, or the end. Returns how many came.
static inline size_t read_all(int fd, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = must(read(fd, (char *)buffer + done, size - done));
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

static inline void write_all(int fd, const void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size)
        done += must(write(fd, (const char *)buffer + done, size - done));
}

// Allows as many files as the hard limit does.
static inline void raise_file_limit(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit));
}

#endif
