// eventfd in semaphore mode and not: many waiters, writers that wait for room, O_NONBLOCK at both ends, by stdio-like calls.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/eventfd.h>

enum { THREADS = 8 };
static int fd, done;

static void *takes(void *unused)
{
    eventfd_t value = 0;
    must(eventfd_read(fd, &value));
    (void)unused;
    return box(value);
}

static void *adds(void *value)
{
    must(eventfd_write(fd, unbox(value)));
    must(eventfd_write(done, 1));
    return NULL;
}

static void *asks(void *unused)
{
    eventfd_t value;
    uint64_t pair[2] = {1, 2}, zero_ = 0;
    struct iovec part = {pair, 16}, two[2] = {{&pair[0], 8}, {&pair[1], 8}};
    int own = must(eventfd(UINT32_MAX, EFD_NONBLOCK | EFD_CLOEXEC)), counter = must(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK));
    must(eventfd_read(own, &value));
    printf("initial value as given: %s\n", yes(value == UINT32_MAX));
    SHOW(eventfd_read(own, &value));
    SHOW(eventfd_write(own, UINT64_MAX - 1));
    SHOW(eventfd_write(own, 1));
    SHOW(eventfd_write(own, UINT64_MAX));
    SHOW(write(own, &zero_, 8));
    struct pollfd entry = {.fd = own, .events = POLLIN | POLLOUT};
    must(poll(&entry, 1, 0));
    printf("full: readable %s, writable %s\n", yes(entry.revents & POLLIN), yes(entry.revents & POLLOUT));
    SHOW(readv(own, &part, 1));
    printf("it was the most: %s\n", yes(pair[0] == UINT64_MAX - 1));
    pair[0] = 1;
    SHOW(write(own, pair, 16));
    SHOW(writev(own, two, 2));
    SHOW(read(own, pair, 16));
    SHOW(read(own, nowhere(), 8));
    SHOW(write(own, nowhere(), 8));
    must(eventfd_write(counter, 2));
    SHOW(eventfd_read(counter, &value));
    SHOW(eventfd_read(counter, &value));
    SHOW(eventfd_read(counter, &value));
    SHOW(eventfd(0, 0x7));
    SHOW(eventfd_read(9999, &value));
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    eventfd_t value;
    long sum = 0;
    join(start(asks, NULL));
    // A semaphore lets in as many as it counts.
    fd = must(eventfd(0, EFD_SEMAPHORE));
    done = must(eventfd(0, EFD_SEMAPHORE));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(takes, NULL);
    let_it_block();
    must(eventfd_write(fd, THREADS - 1));
    must(eventfd_write(fd, 1));
    for (int i = 0; i < THREADS; i++)
        sum += unbox(join(threads[i]));
    printf("taken: %ld\n", sum);
    close(fd);

    // A counter that's nearly full lets writers in one by one, as it's read.
    fd = must(eventfd(0, 0));
    must(eventfd_write(fd, UINT64_MAX - 1));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(adds, box(i + 1));
    let_it_block();
    must(eventfd_read(fd, &value));
    for (int i = 0; i < THREADS; i++)
        must(eventfd_read(done, &value));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    must(eventfd_read(fd, &value));
    printf("the sum: %d\n", (int)value);
    return 0;
}
