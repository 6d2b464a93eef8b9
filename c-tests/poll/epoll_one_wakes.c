// Eight threads wait in one epoll set: each edge wakes one of them; a semaphore eventfd gives each its share; what stays ready
// wakes all, in the end.
#include "../fixture.h"
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { WORKERS = 8, ROUNDS = 500, STOP = -1 };

static int set, news, answers[2];
static _Atomic int woken, empty, total;

static void add(int fd, int data, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = data};
    must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

static void *edges(void *unused)
{
    (void)unused;
    for (;;) {
        struct epoll_event event;
        uint64_t value;
        must(epoll_wait(set, &event, 1, -1));
        if (event.data.fd == STOP)
            return NULL;
        atomic_fetch_add(&woken, 1);
        if (read(news, &value, sizeof value) < 0)
            atomic_fetch_add(&empty, 1);
        must(write(answers[1], "k", 1));
    }
}

static void *shares(void *unused)
{
    (void)unused;
    for (;;) {
        struct epoll_event event;
        uint64_t value;
        must(epoll_wait(set, &event, 1, -1));
        if (event.data.fd == STOP)
            return NULL;
        if (read(news, &value, sizeof value) == sizeof value && atomic_fetch_add(&total, value) + 1 == 10000)
            must(write(answers[1], "k", 1));
    }
}

static void run(const char *what, void *(*work)(void *))
{
    pthread_t threads[WORKERS];
    int stop = must(eventfd(0, 0));
    char byte;
    add(stop, STOP, EPOLLIN);
    for (int i = 0; i < WORKERS; i++)
        threads[i] = start(work, NULL);
    if (work == edges)
        for (int i = 0; i < ROUNDS; i++) {
            must(write(news, &(uint64_t){1}, 8));
            read_all(answers[0], &byte, 1);
        }
    else {
        for (int i = 0; i < 100; i++)
            must(write(news, &(uint64_t){100}, 8));
        read_all(answers[0], &byte, 1);
    }
    // Nothing reads this one: all see it.
    must(write(stop, &(uint64_t){1}, 8));
    for (int i = 0; i < WORKERS; i++)
        join(threads[i]);
    printf("%s: woken %d, for nothing %d, total %d\n", what, woken, empty, total);
    close(stop);
}

int main(void)
{
    must(pipe(answers));
    set = must(epoll_create1(0));
    news = must(eventfd(0, EFD_NONBLOCK));
    add(news, 0, EPOLLIN | EPOLLET);
    run("edges", edges);
    close(news);
    news = must(eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE));
    add(news, 0, EPOLLIN);
    run("shares", shares);
    return 0;
}
