// An epoll set in an epoll set, in poll and in select: the outer one wakes when something in the inner one is ready, level- and
// edge-triggered, also for what is added while a thread waits.
#include "../fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

static int outer, middle, inner, source;
static sem_t begun;

static void add(int set, int fd, unsigned events)
{
    struct epoll_event wish = {.events = events, .data.fd = fd};
    must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &wish));
}

enum { OUTER, POLL, PPOLL, SELECT, PSELECT, KINDS };
static const char *const names[] = {"epoll_wait", "poll", "ppoll", "select", "pselect"};

static void *waits(void *kind)
{
    struct epoll_event event = {0};
    struct pollfd p = {inner, POLLIN, 0};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(inner, &in);
    must(sem_post(&begun));
    switch (unbox(kind)) {
    case OUTER:
        must(epoll_wait(outer, &event, 1, -1));
        return box(event.data.fd == middle ? (long)event.events : -1);
    case POLL:
        must(poll(&p, 1, 20000));
        return box(p.revents);
    case PPOLL:
        must(ppoll(&p, 1, NULL, NULL));
        return box(p.revents);
    case SELECT:
        must(select(inner + 1, &in, NULL, NULL, &(struct timeval){20, 0}));
        return box(FD_ISSET(inner, &in));
    default:
        must(pselect(inner + 1, &in, NULL, NULL, NULL, NULL));
        return box(FD_ISSET(inner, &in));
    }
}

static void drain(void)
{
    struct epoll_event event;
    must(read(source, &(uint64_t){0}, 8));
    printf(", afterwards: %d", epoll_wait(inner, &event, 1, 0));
    printf(" %d\n", epoll_wait(outer, &event, 1, 0));
}

int main(void)
{
    must(sem_init(&begun, 0, 0));
    for (int edge = 0; edge < 2; edge++) {
        outer = must(epoll_create1(0)), middle = must(epoll_create1(0)), inner = must(epoll_create1(0));
        source = must(eventfd(0, EFD_NONBLOCK));
        add(outer, middle, EPOLLIN | (edge ? EPOLLET : 0));
        add(middle, inner, EPOLLIN);
        add(inner, source, EPOLLIN);
        for (long kind = 0; kind < KINDS; kind++)
            for (int blocked = 0; blocked < 2; blocked++) {
                pthread_t thread = start(waits, box(kind));
                must(sem_wait(&begun));
                if (blocked)
                    let_it_block();
                must(write(source, &(uint64_t){1}, 8));
                printf("%s, %s: %lx", edge ? "edge" : "level", names[kind], unbox(join(thread)));
                drain();
            }
        // What is ready already goes into the innermost set while a thread waits in the outermost.
        int late = must(eventfd(1, 0));
        pthread_t thread = start(waits, box(OUTER));
        must(sem_wait(&begun));
        let_it_block();
        add(inner, late, EPOLLIN);
        printf("added within: %lx\n", unbox(join(thread)));
        must(epoll_ctl(inner, EPOLL_CTL_DEL, late, NULL));
        struct epoll_event event;
        printf("taken out: %s\n", answer(epoll_wait(outer, &event, 1, 0)));
        // The inner set is waited in by one thread, the outer by another.
        struct pollfd p = {inner, POLLIN, 0};
        printf("nothing in it: %s\n", answer(poll(&p, 1, 0)));
        must(write(source, &(uint64_t){1}, 8));
        printf("something in it: %s\n", answer(poll(&p, 1, -1)));
        close(inner);
        printf("inner closed: %s\n", answer(epoll_wait(middle, &event, 1, 0)));
        close(outer), close(middle), close(source), close(late);
    }
    // There is a limit to chains of sets.
    int chain[8];
    for (int i = 0; i < 8; i++)
        chain[i] = must(epoll_create1(0));
    int depth = 0;
    for (int i = 0; i < 7; i++) {
        struct epoll_event wish = {.events = EPOLLIN, .data.fd = i};
        depth += epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i + 1], &wish) == 0;
    }
    printf("links: %d\n", depth);
    return 0;
}
