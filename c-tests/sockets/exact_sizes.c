// Requests and answers whose reads ask for exactly what comes, so that no read tells whether there's more. After a while a server that
// has always found nothing behind a request finds two, ten, an end; it's slow, or asked by two; its socket is polled or written to
// by others meanwhile.
#include "net.h"
#include <poll.h>
enum { SIZE = 64, ROUNDS = 40, LONG = 400000 };

struct line {
    int in, out;
    const char *name;
};

// Answers each request in kind; 'L' with a long answer, 'S' after a pause. How many there were, at the end.
static void *server(void *arg) {
    struct line *line = arg;
    char request[SIZE];
    static __thread char text[LONG];
    long served = 0;
    for (;;) {
        ssize_t n = MUST(read(line->in, request, SIZE));
        if (n != SIZE || request[0] == 'E')
            return (void *)(n == 0 || request[0] == 'E' ? served : -1000000 - n);
        served++;
        if (request[0] == 'S')
            usleep(3000);
        memset(text, request[0], LONG);
        write_all(line->out, text, request[0] == 'L' ? LONG : SIZE);
    }
}

static void ask(int fd, char what, int times) {
    static char text[SIZE * 20];
    memset(text, what, sizeof text);
    write_all(fd, text, SIZE * times);
}

// How many bytes of an answer are right.
static long hear(int fd, char what, size_t size) {
    static char text[LONG];
    long right = 0;
    size_t have = 0;
    while (have < size) {
        ssize_t n = MUST(read(fd, text + have, size - have < SIZE ? size - have : SIZE));
        if (n == 0)
            break;
        have += n;
    }
    for (size_t i = 0; i < have; i++)
        right += text[i] == what;
    return right;
}

static long rounds(int to, int from, int count) {
    long right = 0;
    for (int i = 0; i < count; i++) {
        ask(to, 'a' + i % 20, 1);
        right += hear(from, 'a' + i % 20, SIZE);
    }
    return right;
}

// As careful programs poll: it never restarts after a signal.
static long polled(struct pollfd *p, int n, int ms) {
    long ready;
    while ((ready = poll(p, n, ms)) < 0 && errno == EINTR)
        ;
    return MUST(ready);
}

static void *poller(void *arg) {
    struct line *line = arg;
    struct pollfd p[] = {{line->in, POLLPRI, 0}, {line->out, POLLOUT, 0}};
    long good = 0;
    for (int i = 0; i < 5; i++)
        good += polled(p, 2, 2) == 1 && p[0].revents == 0 && p[1].revents == POLLOUT;
    p[0].events = POLLIN;
    return (void *)(good + (polled(p, 1, -1) == 1 && p[0].revents == POLLIN));
}

// `bytes`: a stream, in which requests may be joined and a long answer comes in parts.
static void play(const char *name, int server_in, int server_out, int to, int from, int bytes) {
    struct line line = {server_in, server_out, name};
    pthread_t one = start(server, &line);
    printf("%s: %ld", name, rounds(to, from, ROUNDS));
    for (int times = 2; times <= 10; times += 4) {
        for (int i = 0; i < (bytes ? 1 : times); i++)
            ask(to, 'm', bytes ? times : 1);
        long right = 0;
        for (int i = 0; i < times; i++)
            right += hear(from, 'm', SIZE);
        printf(" %ld", right);
    }
    printf(" %ld", rounds(to, from, ROUNDS));
    if (bytes) {
        ask(to, 'L', 1);
        printf(" long %ld", hear(from, 'L', LONG));
        printf(" %ld", rounds(to, from, ROUNDS));
    }
    for (int i = 0; i < 3; i++) {
        // While it's answering one the next comes, for nobody yet.
        ask(to, 'S', 1);
        usleep(1000);
        ask(to, 'S', 1);
        printf(" slow %ld", hear(from, 'S', SIZE) + hear(from, 'S', SIZE));
    }
    pthread_t watching = start(poller, &line);
    usleep(15000);
    printf(" %ld", rounds(to, from, ROUNDS));
    // Its last poll may or may not have seen one of those.
    ask(to, 'S', 1);
    usleep(1000);
    ask(to, 'S', 1);
    hear(from, 'S', SIZE);
    hear(from, 'S', SIZE);
    pthread_t two = start(server, &line);
    long right = rounds(to, from, 3 * ROUNDS);
    printf(" two servers %ld", right);
    if (to == from || !bytes) {
        ask(to, 'E', 1);
        ask(to, 'E', 1);
    } else {
        MUST(close(to));
    }
    long served = finish(one);
    served += finish(two);
    printf(" served %ld\n", served);
    pthread_cancel(watching);
    pthread_join(watching, NULL);
}

int main(void) {
    int a[2], b[2];
    tcp_pair(a);
    play("tcp", a[1], a[1], a[0], a[0], 1);
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, b));
    play("unix", b[1], b[1], b[0], b[0], 1);
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, b));
    play("packets", b[1], b[1], b[0], b[0], 0);
    int udp[2] = {bound(SOCK_DGRAM), bound(SOCK_DGRAM)};
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in to = loopback(port_of(udp[!i]));
        MUST(connect(udp[i], (struct sockaddr *)&to, sizeof to));
    }
    play("udp", udp[1], udp[1], udp[0], udp[0], 0);
    MUST(pipe(a));
    MUST(pipe(b));
    play("pipes", a[0], b[1], a[1], b[0], 1);
    return 0;
}
