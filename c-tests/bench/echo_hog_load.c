// The client of echo_hog.c: many connections, each of which sends a small message now and then, whatever became of the
// one before (an open loop). One process, one thread, epoll; every byte that comes back is checked.
//
//     echo_hog_load [options] PORT
//
//     -c N      connections, all open and served once before the server's hog begins (1000)
//     -r N      messages per second, of all connections together (10000)
//     -t SEC    how long they are sent (3)
//     -n N      connections newly opened meanwhile, evenly over that time (50)
//     -w SEC    from the hog's begin to the first message (0.3)
//     -P PID    the server, for its processor time and threads
//
// A latency is counted from the moment at which the message was meant to be sent, until its last byte is back: neither a
// slow server nor a late client makes a wait look shorter. A message that never came back counts with what it has waited.
// The hog begins at connection N + 1 (echo_hog's AFTER), which is opened for that alone.
//
// One line of key=value: count; p50_us, p99_us, p999_us, max_us; new_count, new_p50_us, new_max_us: from connect to the
// first echo of a new connection; late_p99_us: how late the client itself sent; unanswered, wrong, errors;
// server_cpu, client_cpu: percent of a processor; threads. stalled=1 when something wasn't answered, a second after the end.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#define MESSAGE 64
#define UNDER_WAY 1024 // messages of one connection that may be unanswered: more than any run sends
#define OPENING 64     // connections being opened at once: far below the server's backlog
#define SECOND 1000000000ull

struct connection {
    int fd, connecting, number;
    uint64_t sent, got; // bytes
    uint64_t due;       // when the next message is meant to be sent
    uint64_t meant[UNDER_WAY];
};

struct samples {
    uint64_t *at;
    size_t count, room;
};

static struct {
    int connections, fresh, port, pid;
    double rate, seconds, settle;
} option = {.connections = 1000, .fresh = 50, .rate = 10000, .seconds = 3, .settle = 0.3};

static struct connection *all;  // the connections, and behind them the new ones
static struct connection **due; // those of the first kind, a heap: the one whose message is due first is at the top
static struct samples echoes, fresh, lateness;
static int epoll, served;
static int measuring;
static uint64_t heard;
static unsigned long wrong, errors, under_way;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double uniform(void) { // xorshift: in [0, 1)
    static uint64_t x = 88172645463325252ull;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (x >> 11) / 9007199254740992.0;
}

// ---- what was measured

static void add(struct samples *s, uint64_t ns) {
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 4096;
        s->at = realloc(s->at, s->room * sizeof *s->at);
        if (!s->at)
            die("echo_hog_load: realloc");
    }
    s->at[s->count++] = ns;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Needs sorted samples.
static double part_us(const struct samples *s, double part) {
    return s->count ? s->at[(size_t)(part * (s->count - 1) + 0.5)] / 1e3 : 0;
}

static uint64_t processor_ns(void) {
    clockid_t clock;
    return option.pid && clock_getcpuclockid(option.pid, &clock) == 0 ? clock_ns(clock) : 0;
}

static int kernel_threads(void) {
    char path[64], line[128];
    int n = 0;
    snprintf(path, sizeof path, "/proc/%d/status", option.pid);
    FILE *f = option.pid ? fopen(path, "r") : NULL;
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "Threads: %d", &n);
    if (f)
        fclose(f);
    return n;
}

// ---- one connection

// Byte `at` of connection `number`: unlike its neighbours', and unlike the same byte of other connections and messages.
static unsigned char byte(uint32_t number, uint64_t at) {
    return ((number * 2654435761u) >> 13) + at * 167 + at / MESSAGE * 59;
}

static void lose(struct connection *c, const char *why) {
    if (errors++ == 0)
        fprintf(stderr, "connection %d: %s\n", c->number, why);
    under_way -= (c->sent - c->got + MESSAGE - 1) / MESSAGE;
    close(c->fd);
    c->fd = -1;
}

static void send_message(struct connection *c, uint64_t meant) {
    unsigned char message[MESSAGE];
    if (c->fd < 0)
        return;
    for (int i = 0; i < MESSAGE; i++)
        message[i] = byte(c->number, c->sent + i);
    c->meant[c->sent / MESSAGE % UNDER_WAY] = meant;
    under_way++;
    c->sent += MESSAGE;
    if (send(c->fd, message, MESSAGE, MSG_DONTWAIT | MSG_NOSIGNAL) != MESSAGE)
        lose(c, "send");
}

static void open_connection(struct connection *c, uint64_t meant) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(option.port)};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int one = 1;

    c->number = c - all;
    c->due = meant;
    c->connecting = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("echo_hog_load: socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Thousands of connections in TIME_WAIT would use up the local ports for the next run: leave by RST.
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if ((connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        die("echo_hog_load: connect");
}

static void message_is_back(struct connection *c, uint64_t number, uint64_t at) {
    uint64_t took = at - c->meant[number % UNDER_WAY];
    under_way--;
    if (c->number > option.connections)
        add(&fresh, took);
    else if (number == 0)
        served++;
    else if (measuring)
        add(&echoes, took);
}

static void on_event(struct connection *c, uint32_t events) {
    unsigned char buffer[4096];
    if (c->fd < 0)
        return;
    if (c->connecting) {
        int error = 0;
        socklen_t len = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (error) {
            lose(c, strerror(error));
            return;
        }
        if (!(events & EPOLLOUT))
            return;
        c->connecting = 0;
        if (c->number != option.connections) // that one is the hog's sign, and says nothing
            send_message(c, c->due);
    }
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return;
    // Edge-triggered: read until a short read has emptied the socket.
    for (ssize_t n = sizeof buffer; n == sizeof buffer;) {
        n = recv(c->fd, buffer, sizeof buffer, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0 || n > (ssize_t)(c->sent - c->got)) {
            lose(c, n <= 0 ? "the server hung up" : "more came back than was sent");
            return;
        }
        heard = now();
        for (ssize_t i = 0; i < n; i++)
            wrong += buffer[i] != byte(c->number, c->got + i);
        uint64_t before = c->got / MESSAGE;
        c->got += n;
        for (; before < c->got / MESSAGE; before++)
            message_is_back(c, before, heard);
    }
}

// Handles events until `until`, or sooner. Epoll_wait's milliseconds would be the greater part of what we measure.
static void wait_events(uint64_t until) {
    static struct epoll_event events[256];
    uint64_t at = now(), left = until > at ? until - at : 0;
    struct timespec limit = {left / SECOND, left % SECOND};
    int n = syscall(SYS_epoll_pwait2, epoll, events, 256, &limit, NULL, 0);
    if (n < 0 && errno != EINTR)
        die("echo_hog_load: epoll_pwait2");
    for (int i = 0; i < n; i++)
        on_event(events[i].data.ptr, events[i].events);
}

// ---- the phases

static void sift_down(int i) {
    for (;;) {
        int child = 2 * i + 1;
        if (child >= option.connections)
            return;
        if (child + 1 < option.connections && due[child + 1]->due < due[child]->due)
            child++;
        if (due[i]->due <= due[child]->due)
            return;
        struct connection *c = due[i];
        due[i] = due[child];
        due[child] = c;
        i = child;
    }
}

static int open_all(void) {
    uint64_t end = now() + 10 * SECOND;
    for (int started = 0; served < option.connections && now() < end && !errors;) {
        while (started < option.connections && started < served + OPENING)
            open_connection(&all[started++], now());
        wait_events(now() + SECOND / 10);
    }
    return served == option.connections;
}

static void send_all_messages(uint64_t start, uint64_t end) {
    double period = option.connections / option.rate * 1e9, fresh_period = (end - start) / (option.fresh + 1.0);
    int opened = 0;
    for (int i = 0; i < option.connections; i++) {
        due[i] = &all[i];
        all[i].due = start + uniform() * period;
    }
    for (int i = option.connections / 2; i >= 0; i--)
        sift_down(i);
    measuring = 1;
    heard = start;
    for (uint64_t at = now(); at < end; at = now()) {
        // A server from which nothing at all comes for two seconds has stalled: no need to see the rest.
        if (under_way && at > heard + 2 * SECOND)
            return;
        while (due[0]->due <= at && due[0]->due < end) {
            struct connection *c = due[0];
            add(&lateness, now() - c->due);
            send_message(c, c->due);
            c->due += (0.5 + uniform()) * period;
            sift_down(0);
        }
        uint64_t next = due[0]->due;
        if (opened < option.fresh) {
            uint64_t open_at = start + (uint64_t)((opened + 1) * fresh_period);
            if (open_at <= at)
                open_connection(&all[option.connections + 1 + opened++], open_at);
            else if (open_at < next)
                next = open_at;
        }
        wait_events(next < end ? next : end);
    }
}

// What never came back has waited until now, at least.
static unsigned long count_unanswered(int started) {
    unsigned long unanswered = 0;
    uint64_t at = now();
    for (int i = 0; i < started; i++) {
        struct connection *c = &all[i];
        if (i == option.connections || c->due == 0)
            continue;
        if (i > option.connections && c->sent == 0) { // its connect isn't through
            add(&fresh, at - c->due);
            unanswered++;
        }
        for (uint64_t m = c->got / MESSAGE; m < c->sent / MESSAGE; m++) {
            add(i > option.connections ? &fresh : &echoes, at - c->meant[m % UNDER_WAY]);
            unanswered++;
        }
    }
    return unanswered;
}

static void usage(void) {
    fprintf(stderr, "usage: echo_hog_load [-c CONNECTIONS] [-r RATE] [-t SECONDS] [-n NEW] [-w SECONDS] [-P PID] PORT\n");
    exit(2);
}

int main(int argc, char **argv) {
    struct rlimit limit;
    int o;
    while ((o = getopt(argc, argv, "c:r:t:n:w:P:")) != -1)
        switch (o) {
        case 'c': option.connections = atoi(optarg); break;
        case 'r': option.rate = atof(optarg); break;
        case 't': option.seconds = atof(optarg); break;
        case 'n': option.fresh = atoi(optarg); break;
        case 'w': option.settle = atof(optarg); break;
        case 'P': option.pid = atoi(optarg); break;
        default: usage();
        }
    if (optind != argc - 1 || option.connections < 1 || option.fresh < 0 || option.rate <= 0)
        usage();
    if (option.seconds * option.rate / option.connections * 2 > UNDER_WAY)
        usage();
    option.port = atoi(argv[optind]);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    // What is measured is the server, not how the kernel shares processors between it and us: we go first, as on a
    // machine of our own. Where that isn't allowed, late_p99_us tells.
    struct sched_param lowest = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_RR, &lowest);
    prctl(PR_SET_TIMERSLACK, 1000); // ns; 50 us of the kernel's would be ours in every latency
    int total = option.connections + 1 + option.fresh;
    all = calloc(total, sizeof *all);
    due = calloc(option.connections, sizeof *due);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!all || !due || epoll < 0)
        die("echo_hog_load");

    if (!open_all()) {
        fprintf(stderr, "only %d of %d connections were served\n", served, option.connections);
        printf("stalled=1 errors=%lu\n", errors + 1);
        return 1;
    }
    open_connection(&all[option.connections], now());
    for (uint64_t end = now() + (uint64_t)(option.settle * 1e9); now() < end;)
        wait_events(end);

    uint64_t start = now(), end = start + (uint64_t)(option.seconds * 1e9);
    uint64_t server_cpu = processor_ns(), own_cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    send_all_messages(start, end);
    uint64_t took = now() - start;
    server_cpu = processor_ns() - server_cpu;
    own_cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_cpu;
    for (uint64_t patience = now() + SECOND; under_way && now() < patience;)
        wait_events(patience);
    unsigned long unanswered = count_unanswered(total);

    qsort(echoes.at, echoes.count, sizeof *echoes.at, by_value);
    qsort(fresh.at, fresh.count, sizeof *fresh.at, by_value);
    qsort(lateness.at, lateness.count, sizeof *lateness.at, by_value);
    printf("count=%zu p50_us=%.0f p99_us=%.0f p999_us=%.0f max_us=%.0f new_count=%zu new_p50_us=%.0f new_max_us=%.0f "
           "late_p99_us=%.0f unanswered=%lu wrong=%lu errors=%lu server_cpu=%.1f client_cpu=%.1f threads=%d stalled=%d\n",
           echoes.count, part_us(&echoes, 0.5), part_us(&echoes, 0.99), part_us(&echoes, 0.999), part_us(&echoes, 1),
           fresh.count, part_us(&fresh, 0.5), part_us(&fresh, 1), part_us(&lateness, 0.99), unanswered, wrong, errors,
           100.0 * server_cpu / took, 100.0 * own_cpu / took, kernel_threads(), unanswered != 0);
    return wrong || errors || unanswered;
}
