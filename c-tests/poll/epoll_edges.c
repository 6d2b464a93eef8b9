// EPOLLET tells of what is new, once; EPOLLONESHOT tells once until it's set again. With one thread that waits in the set, while
// another makes the news, step by step.
#include "../fixture.h"
#include <fcntl.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int set;
static sem_t next, done;

static void control(int operation, int fd, unsigned events)
{
    struct epoll_event wish = {.events = events, .data.fd = fd};
    must(epoll_ctl(set, operation, fd, &wish));
}

// What is there within a moment; the other thread may be the one that looks.
static void *look(void *unused)
{
    (void)unused;
    struct epoll_event event = {0};
    for (;;) {
        must(sem_wait(&next));
        int n = must(epoll_wait(set, &event, 1, 0));
        if (n == 1 && event.data.fd < 0)
            break;
        printf(" %d", n);
        if (n)
            printf("(%x)", event.events);
        must(sem_post(&done));
    }
    return NULL;
}

static void step(const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < 2; i++) {
        must(sem_post(&next));
        must(sem_wait(&done));
    }
    printf("\n");
}

// Waits for each of so many news, which are sent one after the other.
static long waited, seen;
static void *counts(void *answers)
{
    struct epoll_event event;
    for (;;) {
        if (must(epoll_wait(set, &event, 1, -1)) != 1)
            waited = -1000000;
        if (event.data.fd == -1)
            return NULL;
        waited++;
        uint64_t value;
        if (read(event.data.fd, &value, 8) == 8)
            seen += value;
        write_all(unbox(answers), "k", 1);
    }
}

int main(void)
{
    int a[2], b[2], answers[2];
    static char block[65536];
    must(sem_init(&next, 0, 0));
    must(sem_init(&done, 0, 0));
    set = must(epoll_create1(0));
    must(pipe(a));
    must(pipe2(b, O_NONBLOCK));
    pthread_t thread = start(look, NULL);

    control(EPOLL_CTL_ADD, a[0], EPOLLIN | EPOLLET);
    step("edge, nothing yet");
    must(write(a[1], "1", 1));
    step("edge, data");
    must(write(a[1], "2", 1));
    step("edge, more");
    must(read(a[0], block, 1));
    step("edge, one taken");
    control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLET);
    step("edge, set again");
    must(read(a[0], block, 1));
    control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLET);
    step("edge, set again, empty");
    control(EPOLL_CTL_MOD, a[0], EPOLLIN);
    must(write(a[1], "3", 1));
    step("level");
    control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT);
    step("once");
    must(write(a[1], "4", 1));
    step("once, more");
    control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT);
    step("once, set again");
    control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLET | EPOLLONESHOT);
    step("edge and once");
    close(a[1]);
    step("edge and once, then closed");
    control(EPOLL_CTL_MOD, a[0], EPOLLET);
    step("set again");
    control(EPOLL_CTL_DEL, a[0], 0);
    step("removed");

    control(EPOLL_CTL_ADD, b[1], EPOLLOUT | EPOLLET);
    step("room, edge");
    while (write(b[1], block, sizeof block) > 0)
        ;
    step("full");
    while (read(b[0], block, sizeof block) > 0)
        ;
    step("room again");
    close(b[0]);
    step("no reader");
    control(EPOLL_CTL_DEL, b[1], 0);

    int news = must(eventfd(0, EFD_NONBLOCK)), end = must(eventfd(1, 0));
    control(EPOLL_CTL_ADD, news, EPOLLIN | EPOLLET);
    must(write(news, &(uint64_t){1}, 8));
    step("eventfd, edge");
    must(write(news, &(uint64_t){1}, 8));
    step("eventfd, written without a read");
    must(read(news, block, 8));
    step("eventfd, read");
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = -1};
    must(epoll_ctl(set, EPOLL_CTL_ADD, end, &wish));
    must(sem_post(&next));
    join(thread);
    must(epoll_ctl(set, EPOLL_CTL_DEL, end, NULL));

    // As many wake-ups as news when each is waited for.
    must(pipe(answers));
    thread = start(counts, box(answers[1]));
    for (int i = 0; i < 1000; i++) {
        must(write(news, &(uint64_t){1}, 8));
        read_all(answers[0], block, 1);
    }
    must(epoll_ctl(set, EPOLL_CTL_ADD, end, &wish));
    join(thread);
    printf("waited %ld, seen %ld\n", waited, seen);
    return 0;
}
