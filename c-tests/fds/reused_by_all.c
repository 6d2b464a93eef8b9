// Eight threads open and close pipes, sockets, eventfds and epoll sets as fast as they can, so that each number is another thread's a
// moment later; each waits on its own with a helper, by read, recv, poll or epoll_wait, and gets its own message and no other.
#include "../fixture.h"
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { THREADS = 8, ROUNDS = 150 };

struct wish {
    int fd, kind;
    uint64_t value;
};

static void *waits(void *argument)
{
    struct wish *wish = argument;
    uint64_t value = 0;
    if (wish->kind == 1) {
        struct pollfd p = {wish->fd, POLLIN, 0};
        if (must(poll(&p, 1, 20000)) != 1 || p.revents != POLLIN)
            return box(0);
    } else if (wish->kind == 2) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = wish->value};
        int set = must(epoll_create1(0));
        must(epoll_ctl(set, EPOLL_CTL_ADD, wish->fd, &event));
        event.data.u64 = 0;
        if (must(epoll_wait(set, &event, 1, 20000)) != 1 || event.data.u64 != wish->value)
            return box(0);
        close(set);
    }
    read_all(wish->fd, &value, sizeof value);
    return box(value == wish->value);
}

static void *opens(void *number)
{
    long right = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2], what = (round + unbox(number)) % 4;
        struct wish wish = {.kind = round % 3, .value = unbox(number) * 1000 + round + 1};
        if (what == 0)
            must(pipe(ends));
        else if (what == 1)
            stream_pair(ends);
        else if (what == 2) {
            ends[0] = must(eventfd(0, 0));
            ends[1] = must(dup(ends[0]));
        } else {
            must(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
        }
        wish.fd = ends[0];
        pthread_t helper = start(waits, &wish);
        if (round % 5 == 0)
            sched_yield();
        must(write(ends[1], &wish.value, sizeof wish.value));
        right += unbox(join(helper));
        close(ends[round % 2]);
        close(ends[!(round % 2)]);
    }
    return box(right);
}

int main(void)
{
    pthread_t threads[THREADS];
    long right = 0;
    int before = must(dup(0));
    close(before);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(opens, box(i));
    for (int i = 0; i < THREADS; i++)
        right += unbox(join(threads[i]));
    printf("right %ld, all closed: %s\n", right, yes(dup(0) == before));
    return 0;
}
