// What the fixtures of interrupted calls share. They go on after EINTR, as careful programs do. What interrupts them is the runner's
// pest (`--pest`); without it they are exchanges like any other.
#ifndef EINTR_H
#define EINTR_H
#include "../fixture.h"
#include <poll.h>

// The call again until nothing interrupted it; any other error is the end.
#define go_on(call) must_(TEMP_FAILURE_RETRY((long)(call)), #call)

// lib/pest.c, where it's preloaded.
extern void pest_bite_me(void) __attribute__((weak));
extern void pest_leave_me(void) __attribute__((weak));

struct bitten {
    void *(*function)(void *);
    void *argument;
};

static inline void *bitten(void *arg)
{
    struct bitten todo = *(struct bitten *)arg;
    free(arg);
    if (pest_bite_me)
        pest_bite_me();
    void *value = todo.function(todo.argument);
    if (pest_leave_me)
        pest_leave_me();
    return value;
}

// A thread that the pest bites, as it does main, which joins it.
static inline pthread_t start_bitten(void *(*function)(void *), void *argument)
{
    struct bitten *todo = malloc(sizeof *todo);
    todo->function = function;
    todo->argument = argument;
    return start(bitten, todo);
}

static inline void write_on(int fd, const void *buffer, size_t size)
{
    for (size_t done = 0; done < size;)
        done += go_on(write(fd, (const char *)buffer + done, size - done));
}

// Reads until so many bytes are there, or the end. Returns how many came.
static inline size_t read_on(int fd, void *buffer, size_t size)
{
    size_t done = 0;
    for (ssize_t got = 1; done < size && got > 0; done += got)
        got = go_on(read(fd, (char *)buffer + done, size - done));
    return done;
}

// A connect that was interrupted goes on by itself.
static inline int connect_on(const struct sockaddr_in *address)
{
    int fd = must(socket(AF_INET, SOCK_STREAM, 0));
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return fd;
    if (errno != EINTR)
        die("connect");
    struct pollfd wish = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t length = sizeof error;
    go_on(poll(&wish, 1, -1));
    must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
    zero(error);
    return fd;
}

// tcp_pair of fixture.h.
static inline void tcp_pair_on(int ends[2])
{
    struct sockaddr_in address;
    int listener = listen_loopback(1, &address);
    ends[0] = connect_on(&address);
    ends[1] = go_on(accept(listener, NULL, NULL));
    close(listener);
}

// Leaves time for some bites.
static inline void pause_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1)
        if (errno != EINTR)
            die("nanosleep");
}

// The same work on main and on two threads.
static inline void everywhere(void *(*work)(void *))
{
    pthread_t threads[2];
    for (long i = 0; i < 2; i++)
        threads[i] = start_bitten(work, box(i));
    work(box(2));
    for (int i = 0; i < 2; i++)
        join(threads[i]);
}

// A pipe from a thread to main, then one from main to a thread.
static inline void both_ways(void *(*writer)(void *), void *(*reader)(void *))
{
    int ends[2];
    must(pipe(ends));
    pthread_t thread = start_bitten(writer, box(ends[1]));
    reader(box(ends[0]));
    join(thread);
    must(pipe(ends));
    thread = start_bitten(reader, box(ends[0]));
    writer(box(ends[1]));
    join(thread);
}

#endif
