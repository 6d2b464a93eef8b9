// Threads wait in poll, select and epoll_wait on a pipe from which others read: each byte is read once, nobody waits in vain, and
// who waits uses no processor time. When the data is gone before a poller looks, it goes on waiting.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum { BYTES = 3000 };

static int ends[2], finished[2];
static _Atomic int got[3];

// Waits till there's something, takes one byte if nobody was faster.
static void *waits_and_reads(void *argument)
{
    long kind = unbox(argument);
    int set = must(epoll_create1(0));
    for (int i = 0; i < 2; i++) {
        struct epoll_event wish = {.events = EPOLLIN, .data.fd = i ? finished[0] : ends[0]};
        must(epoll_ctl(set, EPOLL_CTL_ADD, wish.data.fd, &wish));
    }
    for (;;) {
        int end = 0;
        if (kind == 0) {
            struct pollfd p[2] = {{ends[0], POLLIN, 0}, {finished[0], POLLIN, 0}};
            must(poll(p, 2, -1));
            end = p[1].revents != 0;
        } else if (kind == 1) {
            fd_set in;
            FD_ZERO(&in);
            FD_SET(ends[0], &in);
            FD_SET(finished[0], &in);
            must(select((ends[0] > finished[0] ? ends[0] : finished[0]) + 1, &in, NULL, NULL, NULL));
            end = FD_ISSET(finished[0], &in);
        } else {
            struct epoll_event event;
            must(epoll_wait(set, &event, 1, -1));
            end = event.data.fd == finished[0];
        }
        if (end)
            break;
        char byte;
        ssize_t n = read(ends[0], &byte, 1);
        if (n < 0 && errno != EAGAIN)
            die("read");
        if (n == 1 && atomic_fetch_add(&got[0], 1) + 1 == BYTES)
            close(finished[1]);
    }
    close(set);
    return NULL;
}

static void *only_waits(void *fd)
{
    struct pollfd p[2] = {{unbox(fd), POLLIN, 0}, {finished[0], 0, 0}};
    long waited = 0;
    // Until the other end closes; how often it's woken isn't known.
    do {
        must(poll(p, 2, -1));
        waited++;
    } while (p[1].revents == 0);
    return box(waited > 0);
}

static void *reads(void *fd)
{
    char byte;
    return box(read(unbox(fd), &byte, 1));
}

static double processor_ms(void)
{
    struct rusage use;
    must(getrusage(RUSAGE_SELF, &use));
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e3 + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e3;
}

int main(void)
{
    pthread_t threads[9];
    must(pipe(ends));
    must(pipe(finished));
    must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    for (int i = 0; i < 9; i++)
        threads[i] = start(waits_and_reads, box(i % 3));
    for (int i = 0; i < BYTES; i++)
        must(write(ends[1], "x", 1));
    for (int i = 0; i < 9; i++)
        join(threads[i]);
    printf("read %d\n", got[0]);
    close(finished[0]), close(ends[0]), close(ends[1]);

    // A blocking reader beside a poller: the reader gets the byte, the poller may or may not see it.
    must(pipe(ends));
    must(pipe(finished));
    long bytes = 0;
    pthread_t poller = start(only_waits, box(ends[0]));
    for (int i = 0; i < 100; i++) {
        pthread_t reader = start(reads, box(ends[0]));
        if (i % 10 == 0)
            sched_yield();
        must(write(ends[1], "x", 1));
        bytes += unbox(join(reader));
    }
    // Many pollers and one blocking reader: nobody uses processor time while nothing comes.
    pthread_t reader = start(reads, box(ends[0]));
    for (int i = 0; i < 8; i++)
        threads[i] = start(only_waits, box(ends[0]));
    let_it_block();
    double before = processor_ms();
    struct pollfd quiet = {ends[0], POLLIN, 0};
    int n = poll(&quiet, 1, 150);
    double used = processor_ms() - before;
    printf("nothing came: %d, idle: %s\n", n, yes(used < 75));
    must(write(ends[1], "x", 1));
    bytes += unbox(join(reader));
    close(finished[1]);
    long came_back = unbox(join(poller));
    for (int i = 0; i < 8; i++)
        came_back += unbox(join(threads[i]));
    printf("read %ld, pollers back %ld\n", bytes, came_back);
    return 0;
}
