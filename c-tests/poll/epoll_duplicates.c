// An fd, its duplicate and the file behind both in an epoll set: each number is an entry of its own; a closed number still reports
// while the file lives, and can't be taken out; the set itself under two numbers is one set.
#include "../fixture.h"
#include <fcntl.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static sem_t begun;

static int control(int set, int operation, int fd, unsigned events, uint64_t data)
{
    struct epoll_event wish = {.events = events, .data.u64 = data};
    return epoll_ctl(set, operation, fd, &wish);
}

static void look(const char *what, int set)
{
    struct epoll_event events[8];
    int n = must(epoll_wait(set, events, 8, 0));
    printf("%s: %d,", what, n);
    // In the order of their data.
    for (uint64_t data = 0; data < 100; data++)
        for (int i = 0; i < n; i++)
            if (events[i].data.u64 == data)
                printf(" %d:%x", (int)data, events[i].events);
    printf("\n");
}

static void *waits(void *set)
{
    struct epoll_event event;
    must(sem_post(&begun));
    must(epoll_wait(unbox(set), &event, 1, -1));
    return box(event.data.u64);
}

static void *user(void *unused)
{
    (void)unused;
    int set = must(epoll_create1(0)), ends[2];
    stream_pair(ends);
    int twin = must(dup(ends[0]));
    must(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
    must(control(set, EPOLL_CTL_ADD, twin, EPOLLIN | EPOLLOUT, 2));
    printf("the same number again: %s\n", answer(control(set, EPOLL_CTL_ADD, ends[0], EPOLLIN, 1)));
    look("nothing to read", set);
    must(write(ends[1], "x", 1));
    look("data", set);
    close(ends[0]);
    look("one number closed", set);
    printf("to remove it: %s\n", answer(control(set, EPOLL_CTL_DEL, ends[0], 0, 0)));
    printf("to change it: %s\n", answer(control(set, EPOLL_CTL_MOD, ends[0], EPOLLOUT, 1)));

    // Its number is another file's now: an entry of its own.
    int other = must(eventfd(0, 0));
    printf("the lowest number: %s\n", yes(other == ends[0]));
    printf("not the other's: %s\n", answer(control(set, EPOLL_CTL_MOD, other, EPOLLIN, 3)));
    printf("added: %s\n", answer(control(set, EPOLL_CTL_ADD, other, EPOLLOUT, 3)));
    look("with the new one", set);
    printf("removed: %s\n", answer(control(set, EPOLL_CTL_DEL, other, 0, 0)));
    look("without", set);
    close(other);
    // Brought back under its number, the old entry can be reached again.
    must(dup2(twin, ends[0]));
    printf("back, removed: %s\n", answer(control(set, EPOLL_CTL_DEL, ends[0], 0, 0)));
    look("the other alone", set);
    close(ends[0]);
    close(twin);
    look("all closed", set);
    close(ends[1]);

    // Two numbers of the set; entries are in both.
    int set2 = must(dup(set)), set3 = must(fcntl(set, F_DUPFD_CLOEXEC, 30)), one = must(eventfd(0, EFD_NONBLOCK));
    must(control(set2, EPOLL_CTL_ADD, one, EPOLLIN, 4));
    printf("there already: %s\n", answer(control(set, EPOLL_CTL_ADD, one, EPOLLIN, 4)));
    pthread_t a = start(waits, box(set)), b = start(waits, box(set2));
    must(sem_wait(&begun));
    must(sem_wait(&begun));
    let_it_block();
    must(write(one, &(uint64_t){1}, 8));
    long first = unbox(join(a)), second = unbox(join(b));
    printf("both wake: %ld %ld\n", first, second);
    close(set);
    look("the set's other number", set2);
    must(dup2(set2, 100));
    look("and another", 100);
    close(set2), close(100);
    must(read(one, &(uint64_t){0}, 8));
    a = start(waits, box(set3));
    must(sem_wait(&begun));
    let_it_block();
    must(write(one, &(uint64_t){1}, 8));
    printf("the last number: %ld\n", unbox(join(a)));
    close(set3), close(one);
    return NULL;
}

int main(void)
{
    must(sem_init(&begun, 0, 0));
    join(start(user, NULL));
    user(NULL);
    return 0;
}
