// Four threads, each with an epoll set of its own, all with the same non-blocking listener in it, exclusively or not: each
// connection is accepted once, and none is forgotten.
#include "../fixture.h"
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { WORKERS = 4, CLIENTS = 200 };

static int listener, stop;
static unsigned how;
static _Atomic int accepted;

static void *worker(void *unused)
{
    (void)unused;
    int set = must(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN | how, .data.fd = listener};
    must(epoll_ctl(set, EPOLL_CTL_ADD, listener, &event));
    event = (struct epoll_event){.events = EPOLLIN, .data.fd = stop};
    must(epoll_ctl(set, EPOLL_CTL_ADD, stop, &event));
    for (;;) {
        must(epoll_wait(set, &event, 1, -1));
        if (event.data.fd == stop)
            break;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno != EAGAIN)
                die("accept");
            continue;
        }
        atomic_fetch_add(&accepted, 1);
        char byte;
        read_all(fd, &byte, 1);
        write_all(fd, &byte, 1);
        close(fd);
    }
    close(set);
    return NULL;
}

static struct sockaddr_in address;

static void *client(void *share)
{
    long right = 0;
    for (int i = 0; i < CLIENTS / 4; i++) {
        int fd = connect_to(&address);
        char byte = unbox(share) + i, back = ~byte;
        write_all(fd, &byte, 1);
        right += read_all(fd, &back, 1) == 1 && back == byte;
        close(fd);
    }
    return box(right);
}

int main(void)
{
    for (int exclusive = 0; exclusive < 2; exclusive++) {
        pthread_t workers[WORKERS], clients[4];
        how = exclusive ? EPOLLEXCLUSIVE : 0;
        accepted = 0;
        stop = must(eventfd(0, 0));
        listener = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t length = sizeof address;
        must(bind(listener, (struct sockaddr *)&address, sizeof address));
        must(listen(listener, 100));
        must(getsockname(listener, (struct sockaddr *)&address, &length));
        for (int i = 0; i < WORKERS; i++)
            workers[i] = start(worker, NULL);
        long right = 0;
        for (int i = 0; i < 4; i++)
            clients[i] = start(client, box(i * 50));
        for (int i = 0; i < 4; i++)
            right += unbox(join(clients[i]));
        must(write(stop, &(uint64_t){1}, 8));
        for (int i = 0; i < WORKERS; i++)
            join(workers[i]);
        printf("exclusive %s: accepted %d, right %ld\n", yes(exclusive), accepted, right);
        close(listener), close(stop);
    }
    return 0;
}
