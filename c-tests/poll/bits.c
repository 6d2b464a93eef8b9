// What poll says of everything that can be polled: eventfd, timerfd, signalfd, inotify, pidfd, epoll, directories, listeners,
// sockets never connected, refused, reset, and with urgent data; and of one fd several times in one array.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>

static void print_bits(int bits)
{
    static const struct {
        int bit;
        const char *name;
    } names[] = {{POLLIN, "IN"},         {POLLPRI, "PRI"},       {POLLOUT, "OUT"},       {POLLERR, "ERR"},       {POLLHUP, "HUP"},
                 {POLLNVAL, "NVAL"},     {POLLRDNORM, "RDNORM"}, {POLLRDBAND, "RDBAND"}, {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"},
                 {POLLRDHUP, "RDHUP"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bits & names[i].bit)
            printf(" %s", names[i].name);
}

// What is there: everything is asked for, and for as long as it takes.
static void show(const char *what, int fd)
{
    struct pollfd p = {fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLRDBAND | POLLWRNORM, 0x5555};
    printf("%s: %s,", what, answer(poll(&p, 1, 5000)));
    print_bits((unsigned short)p.revents);
    printf("\n");
}

// What is there at once, for a fd of which nothing may be.
static void now(const char *what, int fd, int events)
{
    struct pollfd p = {fd, events, 0x5555};
    printf("%s: %s,", what, answer(poll(&p, 1, 0)));
    print_bits((unsigned short)p.revents);
    printf("\n");
}

static void *user(void *unused)
{
    (void)unused;
    struct sockaddr_in address;
    int pair[2];

    int event = must(eventfd(0, 0));
    show("eventfd at 0", event);
    now("eventfd at 0, to read", event, POLLIN);
    must(write(event, &(uint64_t){~0ULL - 1}, 8));
    show("eventfd full", event);
    now("eventfd full, to write", event, POLLOUT);

    int timer = must(timerfd_create(CLOCK_MONOTONIC, 0));
    now("timer not set", timer, POLLIN | POLLOUT);
    must(timerfd_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 5000000}}, NULL));
    show("timer", timer);

    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    int signals = must(signalfd(-1, &set, 0));
    now("signalfd, no signal", signals, POLLIN | POLLOUT);

    int notify = must(inotify_init1(0));
    must(inotify_add_watch(notify, ".", IN_CREATE));
    now("inotify, nothing", notify, POLLIN);
    int file = must(open("file", O_CREAT | O_RDWR, 0600));
    show("inotify, a new file", notify);
    show("regular file", file);
    now("regular file, no wish", file, 0);
    show("directory", must(open(".", O_RDONLY | O_DIRECTORY)));
    show("null device", must(open("/dev/null", O_RDWR)));
    now("path only", must(open(".", O_PATH)), POLLIN);
    now("pidfd of oneself", must(syscall(SYS_pidfd_open, getpid(), 0)), POLLIN);

    int set_fd = must(epoll_create1(0));
    struct epoll_event wish = {.events = EPOLLOUT, .data.fd = event};
    must(epoll_ctl(set_fd, EPOLL_CTL_ADD, event, &wish));
    now("epoll with nothing ready", set_fd, POLLIN | POLLOUT);
    must(read(event, &(uint64_t){0}, 8));
    show("epoll with something ready", set_fd);

    show("tcp, never connected", must(socket(AF_INET, SOCK_STREAM, 0)));
    show("unix stream, never connected", must(socket(AF_UNIX, SOCK_STREAM, 0)));
    show("udp", must(socket(AF_INET, SOCK_DGRAM, 0)));

    int listener = listen_loopback(5, &address);
    now("listener, nobody", listener, POLLIN | POLLOUT);
    int client = connect_to(&address);
    show("listener, a client", listener);
    show("connected, not accepted", client);
    int server = must(accept(listener, NULL, NULL));
    now("listener, accepted", listener, POLLIN);

    must(send(client, "u", 1, MSG_OOB));
    struct pollfd urgent = {server, POLLPRI, 0};
    must(poll(&urgent, 1, 5000));
    show("urgent data", server);
    char byte;
    must(recv(server, &byte, 1, MSG_OOB));
    now("urgent data taken", server, POLLPRI);
    must(send(client, "ab", 2, 0));
    show("data", server);

    // Closed with data unread: a reset.
    close(server);
    struct pollfd reset = {client, 0, 0};
    must(poll(&reset, 1, 5000));
    show("reset", client);
    printf("its error: %s\n", answer(send(client, "x", 1, MSG_NOSIGNAL)));
    show("reset, told", client);

    close(listener);
    int refused = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (connect(refused, (struct sockaddr *)&address, sizeof address) < 0 && errno == EINPROGRESS)
        show("refused", refused);
    int error;
    socklen_t length = sizeof error;
    must(getsockopt(refused, SOL_SOCKET, SO_ERROR, &error, &length));
    printf("SO_ERROR: %s\n", error_name(error));

    tcp_pair(pair);
    must(shutdown(pair[0], SHUT_RD));
    show("own reading side shut", pair[0]);
    tcp_pair(pair);
    must(shutdown(pair[0], SHUT_WR));
    struct pollfd half = {pair[1], POLLRDHUP, 0};
    must(poll(&half, 1, 5000));
    show("own writing side shut", pair[0]);
    show("peer's writing side shut", pair[1]);
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    show("unix datagrams", pair[0]);
    close(pair[1]);
    show("unix datagrams, no peer", pair[0]);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    must(shutdown(pair[0], SHUT_RDWR));
    show("packets, shut down", pair[0]);
    show("packets, peer shut down", pair[1]);

    // One fd several times, each with its own wish; the counts are of entries.
    stream_pair(pair);
    must(write(pair[1], "x", 1));
    struct pollfd many[6] = {{pair[0], POLLIN, 9},  {pair[0], POLLOUT, 9}, {pair[0], POLLIN | POLLOUT, 9},
                             {pair[0], POLLPRI, 9}, {-1, POLLIN, 9},       {pair[1], POLLIN, 9}};
    printf("one fd, many wishes: %s:", answer(poll(many, 6, -1)));
    for (int i = 0; i < 6; i++) {
        print_bits(many[i].revents);
        printf(i < 5 ? "," : "\n");
    }
    return NULL;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    join(start(user, NULL));
    return 0;
}
