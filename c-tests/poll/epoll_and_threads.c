// main serves half of its connections in its epoll loop, and gives each of the others a thread with a blocking socket; both kinds run
// beside each other, and timers tick in the same loop.
#include "../fixture.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

enum { CLIENTS = 40, REQUESTS = 20 };

static struct sockaddr_in address;

static void *client(void *id)
{
    long right = 0;
    int fd = connect_to(&address);
    for (int i = 0; i < REQUESTS; i++) {
        int question = unbox(id) * 1000 + i, reply = 0;
        write_all(fd, &question, sizeof question);
        right += read_all(fd, &reply, sizeof reply) == sizeof reply && reply == question + 1;
    }
    close(fd);
    return box(right);
}

static void *serve(void *connection)
{
    int fd = unbox(connection), question;
    long served = 0;
    while (read_all(fd, &question, sizeof question) == sizeof question) {
        question++;
        write_all(fd, &question, sizeof question);
        served++;
    }
    close(fd);
    return box(served);
}

int main(void)
{
    pthread_t clients[CLIENTS], servers[CLIENTS];
    int own = 0, threads = 0, ended = 0, ticks = 0;
    long served = 0, right = 0;
    int listener = listen_loopback(CLIENTS, &address), set = must(epoll_create1(0)), timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    must(fcntl(listener, F_SETFL, O_NONBLOCK));
    must(timerfd_settime(timer, 0, &(struct itimerspec){{0, 1000000}, {0, 1000000}}, NULL));
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = listener};
    must(epoll_ctl(set, EPOLL_CTL_ADD, listener, &wish));
    wish.data.fd = timer;
    must(epoll_ctl(set, EPOLL_CTL_ADD, timer, &wish));
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start(client, box(i));
    while (own + threads < CLIENTS || ended < own || ticks < 20) {
        struct epoll_event events[8];
        int n = must(epoll_wait(set, events, 8, 1000));
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            uint64_t expired;
            if (fd == timer) {
                if (read(timer, &expired, 8) == 8)
                    ticks += expired;
            } else if (fd == listener) {
                int new = accept(listener, NULL, NULL);
                if (new < 0) {
                    if (errno != EAGAIN)
                        die("accept");
                } else if ((own + threads) % 2) {
                    servers[threads++] = start(serve, box(new));
                } else {
                    own++;
                    must(fcntl(new, F_SETFL, O_NONBLOCK));
                    wish = (struct epoll_event){.events = EPOLLIN | EPOLLET, .data.fd = new};
                    must(epoll_ctl(set, EPOLL_CTL_ADD, new, &wish));
                }
            } else {
                int question;
                ssize_t got;
                // Requests of four bytes come in one piece.
                while ((got = read(fd, &question, sizeof question)) == sizeof question) {
                    question++;
                    write_all(fd, &question, sizeof question);
                    served++;
                }
                if (got == 0) {
                    close(fd);
                    ended++;
                }
            }
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        right += unbox(join(clients[i]));
    long by_threads = 0;
    for (int i = 0; i < threads; i++)
        by_threads += unbox(join(servers[i]));
    printf("right %ld, in the loop %d: %ld, by threads %d: %ld, ticked: %s\n", right, own, served, threads, by_threads, yes(ticks >= 20));
    return 0;
}
