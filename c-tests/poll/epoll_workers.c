// Eight threads wait in one epoll set for 10,000 events: none is lost, none comes twice. Level-triggered with non-blocking reads,
// edge-triggered, and one-shot with each worker setting the fd again.
#include "../fixture.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { WORKERS = 8, EVENTS = 10000, PIPES = 40, END = PIPES };
enum kind { LEVEL, ONESHOT, EDGE };

static int set, pipes[PIPES][2], end;
static enum kind kind;
static _Atomic int taken, busy[PIPES], overlaps, times[EVENTS];

static void wish(int operation, int index, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.u32 = index};
    must(epoll_ctl(set, operation, fd, &event));
}

// Takes what is there, at most one message unless edges ask for all.
static void take(int index)
{
    int number;
    ssize_t n;
    while ((n = read(pipes[index][0], &number, sizeof number)) == sizeof number) {
        atomic_fetch_add(&times[number], 1);
        if (atomic_fetch_add(&taken, 1) + 1 == EVENTS)
            must(write(end, &(uint64_t){1}, 8));
        if (kind != EDGE)
            break;
    }
    if (n < 0 && errno != EAGAIN)
        die("read");
}

static void *worker(void *unused)
{
    (void)unused;
    struct epoll_event events[4];
    for (;;) {
        int n = must(epoll_wait(set, events, kind == ONESHOT ? 1 : 4, -1));
        for (int i = 0; i < n; i++) {
            int index = events[i].data.u32;
            if (index == END)
                return NULL;
            if (kind == ONESHOT && atomic_fetch_add(&busy[index], 1))
                atomic_fetch_add(&overlaps, 1);
            take(index);
            if (kind == ONESHOT) {
                atomic_fetch_sub(&busy[index], 1);
                wish(EPOLL_CTL_MOD, index, pipes[index][0], EPOLLIN | EPOLLONESHOT);
            }
        }
    }
}

static void *writer(void *which)
{
    for (int i = unbox(which); i < EVENTS; i += 2)
        must(write(pipes[i * 7 % PIPES][1], &i, sizeof i));
    return NULL;
}

int main(void)
{
    static const char *const names[] = {"level", "one-shot", "edge"};
    for (kind = LEVEL; kind <= EDGE; kind++) {
        pthread_t threads[WORKERS], writers[2];
        set = must(epoll_create1(0));
        end = must(eventfd(0, 0));
        wish(EPOLL_CTL_ADD, END, end, EPOLLIN);
        for (int i = 0; i < PIPES; i++) {
            must(pipe(pipes[i]));
            must(fcntl(pipes[i][0], F_SETFL, O_NONBLOCK));
            wish(EPOLL_CTL_ADD, i, pipes[i][0], EPOLLIN | (kind == EDGE ? EPOLLET : kind == ONESHOT ? EPOLLONESHOT : 0));
        }
        memset(times, 0, sizeof times);
        taken = 0;
        for (int i = 0; i < WORKERS; i++)
            threads[i] = start(worker, NULL);
        for (int i = 0; i < 2; i++)
            writers[i] = start(writer, box(i));
        for (int i = 0; i < 2; i++)
            join(writers[i]);
        for (int i = 0; i < WORKERS; i++)
            join(threads[i]);
        int once = 0;
        for (int i = 0; i < EVENTS; i++)
            once += times[i] == 1;
        printf("%s: taken %d, once %d, two at a time %d\n", names[kind], taken, once, overlaps);
        for (int i = 0; i < PIPES; i++)
            close(pipes[i][0]), close(pipes[i][1]);
        close(set), close(end);
    }
    return 0;
}
