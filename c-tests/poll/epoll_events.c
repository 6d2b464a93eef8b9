// What epoll_wait gives: the bits of pipes, sockets, eventfds, a terminal, a refused connection; the data given with each fd; the
// order in which things happened; turns for all when there is room for one only.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static void add(int set, int fd, unsigned events, uint64_t data)
{
    struct epoll_event wish = {.events = events, .data.u64 = data};
    must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &wish));
}

static void print_bits(unsigned bits)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{EPOLLIN, "IN"},         {EPOLLPRI, "PRI"},       {EPOLLOUT, "OUT"},   {EPOLLERR, "ERR"},    {EPOLLHUP, "HUP"},        {EPOLLRDNORM, "RDNORM"},
                 {EPOLLRDBAND, "RDBAND"}, {EPOLLWRNORM, "WRNORM"}, {EPOLLMSG, "MSG"}, {EPOLLRDHUP, "RDHUP"}, {EPOLLONESHOT, "ONESHOT"}, {EPOLLET, "ET"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bits & names[i].bit)
            printf(" %s", names[i].name);
    printf("\n");
}

static void show(const char *what, int fd, unsigned events)
{
    int set = must(epoll_create1(0));
    struct epoll_event event = {0};
    add(set, fd, events, 0x1234567890abcdef);
    printf("%s: %s,", what, answer(epoll_wait(set, &event, 1, 5000)));
    printf("%s", event.data.u64 == 0x1234567890abcdef ? "" : " wrong data");
    print_bits(event.events);
    close(set);
}

static void *bits(void *unused)
{
    (void)unused;
    enum { ALL = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLRDNORM | EPOLLWRNORM };
    int a[2], b[2], s[2];
    must(pipe(a));
    must(pipe(b));
    show("pipe, to write", a[1], ALL);
    must(write(a[1], "x", 1));
    show("pipe, data", a[0], ALL);
    show("pipe, edge", a[0], ALL | EPOLLET);
    show("pipe, once", a[0], ALL | EPOLLONESHOT);
    close(a[1]);
    show("pipe, data, no writer", a[0], ALL);
    must(read(a[0], &(char){0}, 1));
    show("pipe, no writer", a[0], 0);
    close(b[0]);
    show("pipe, no reader", b[1], EPOLLET);
    show("pipe, no reader, to write", b[1], ALL);

    stream_pair(s);
    show("stream", s[0], ALL);
    must(write(s[1], "x", 1));
    show("stream, data", s[0], ALL);
    must(shutdown(s[1], SHUT_WR));
    show("stream, half-closed", s[0], ALL);
    close(s[1]);
    show("stream, closed", s[0], 0);

    tcp_pair(s);
    must(send(s[1], "!", 1, MSG_OOB));
    show("tcp, urgent", s[0], EPOLLPRI);
    struct sockaddr_in address;
    close(listen_loopback(1, &address));
    int refused = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    show("tcp, not connected", refused, ALL);
    (void)!connect(refused, (struct sockaddr *)&address, sizeof address);
    show("tcp, refused", refused, ALL);
    int event = must(eventfd(3, 0));
    show("eventfd", event, ALL);
    int terminal = must(posix_openpt(O_RDWR | O_NOCTTY));
    must(grantpt(terminal));
    must(unlockpt(terminal));
    int user = must(open(ptsname(terminal), O_RDWR | O_NOCTTY));
    show("terminal", user, ALL);
    must(write(user, "x", 1));
    show("terminal's other side", terminal, EPOLLIN);
    close(terminal);
    show("terminal, hung up", user, ALL);
    return NULL;
}

enum { FILES = 8 };

static void *order(void *unused)
{
    (void)unused;
    int set = must(epoll_create1(0)), fd[FILES];
    struct epoll_event events[FILES];
    static const int turns[FILES] = {5, 2, 7, 0, 3, 6, 1, 4};
    for (int i = 0; i < FILES; i++)
        add(set, fd[i] = must(eventfd(0, EFD_NONBLOCK)), EPOLLIN, i);
    for (int i = 0; i < FILES; i++)
        must(write(fd[turns[i]], &(uint64_t){1}, 8));
    int n = must(epoll_wait(set, events, FILES, -1));
    printf("as they came, %d:", n);
    for (int i = 0; i < n; i++)
        printf(" %d", (int)events[i].data.u64);
    // All stay ready: with room for one, or three, each has its turn.
    printf("\none at a time:");
    for (int i = 0; i < 2 * FILES; i++) {
        must(epoll_wait(set, events, 1, -1));
        printf(" %d", (int)events[0].data.u64);
    }
    printf("\nthree at a time:");
    for (int i = 0; i < 4; i++) {
        n = must(epoll_wait(set, events, 3, 0));
        for (int k = 0; k < n; k++)
            printf(" %d", (int)events[k].data.u64);
        printf(",");
    }
    // Some are taken back: they're seen no more.
    for (int i = 0; i < FILES; i += 2)
        must(read(fd[i], &(uint64_t){0}, 8));
    n = must(epoll_wait(set, events, FILES, -1));
    int odd = 0;
    for (int i = 0; i < n; i++)
        odd += events[i].data.u64 % 2;
    printf("\nleft: %d, odd ones: %d\n", n, odd);
    for (int i = 1; i < FILES; i += 2)
        must(read(fd[i], &(uint64_t){0}, 8));
    printf("none left: %s\n", answer(epoll_wait(set, events, FILES, 0)));
    // A change of wish takes effect at once; 0 still hears of errors.
    struct epoll_event wish = {.events = EPOLLOUT, .data.u64 = 99};
    must(epoll_ctl(set, EPOLL_CTL_MOD, fd[0], &wish));
    n = must(epoll_wait(set, events, FILES, -1));
    printf("to write now: %d, %d, %x\n", n, (int)events[0].data.u64, events[0].events);
    wish.events = 0;
    must(epoll_ctl(set, EPOLL_CTL_MOD, fd[0], &wish));
    printf("nothing wished: %s\n", answer(epoll_wait(set, events, FILES, 0)));
    for (int i = 0; i < FILES; i++)
        close(fd[i]);
    printf("all closed: %s\n", answer(epoll_wait(set, events, FILES, 1)));
    return NULL;
}

int main(void)
{
    join(start(bits, NULL));
    join(start(order, NULL));
    return 0;
}
