// The benchmark's load generator: one thread, epoll, one send and one recv for each request, every reply checked.
//
//     load -w WORK -c CONNECTIONS [-a ACTIVE] [-r RATE] [-b] [-t SECONDS] [-W WARMUP] [-P SERVER_PID] PORT
//
//     echo, request    512 bytes, unlike all others under way; the next when the last one is back whole (a closed loop)
//     http             the same with GETs and the one right answer
//     idle             echo with ACTIVE of the connections; the others stay open
//     stream           whatever the server sends, as fast as it can
//     churn            connect, one echo, close by RST, which leaves no port in TIME_WAIT; so many of these at once
//
// -r: not in a closed loop but so many requests per second, of each connection in turn; later if its last reply is late.
// -b: never sleeps while it measures. Who answers a client that sleeps has to wake it, which costs more than the answer; how
// often that comes depends on which of the two is the faster. With a processor of our own we'd rather wait at its expense.
//
// First all connections are opened, each proved by one reply; the memory of the server is read before and after. Then
// they work for WARMUP seconds (0.3), then for the SECONDS that are measured (1); what is under way then is waited for.
// One line of key=value:
//
//     held           connections proved and never lost           all_requests   right replies from the first to the last
//     requests       right replies while measuring; MiB of a stream, as in rps
//     errors, wrong  lost connections and missing replies; replies that weren't right
//     seconds        measured                                    rps, p50_us, p99_us
//     cpu_ns         the server's processor time per request     cpu_busy       percent of one processor
//     busy           our own, percent                            threads        the server's, in the kernel; the most seen
//     rss0_kib, rss_kib    resident memory of the server before the first connection, and with all of them open and idle
//     kstack_kib, slab_kib, pagetables_kib    what the kernel's own memory grew by meanwhile
//
// Exit status: 0 when all were held and nothing was wrong, 1 when not, 2 for a wrong call.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/epoll.h>

#include "bench.h"

#define EVENTS 512
#define OPENING 256        // connections being opened at once: far below the backlog
#define PATIENCE 10        // seconds without any reply, after which what is missing is given up
#define SETTLE 0.05        // seconds from the last opening to the memory's reading
#define SECOND 1000000000ull
#define PIECE (128 * 1024) // of a stream, read at once

#define HTTP_REQUEST                                                                                                             \
    "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: libgreen-bench/1\r\n"                                                 \
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"             \
    "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n"

enum work { ECHO, HTTP, STREAM, CHURN };
enum state { CLOSED, CONNECTING, WAITING, IDLE };

struct connection {
    uint64_t sent_at, due; // the latter with a rate only
    uint32_t sequence; // of the request under way, or the last one
    uint32_t got;      // bytes of its reply
    int fd;
    uint8_t state, proved;
};

static struct {
    enum work work;
    int connections, active, port, pid, never_sleeps;
    double seconds, warmup, rate;
} option = {.active = -1, .seconds = 1, .warmup = 0.3};

static struct connection *all;
static int epoll, started, opening, held, waiting, most_threads;
static int asking; // whoever gets a reply sends the next request
static uint64_t clock_now; // read with each reply
static unsigned long replies, bytes, errors, wrong;

// ---- latencies: 64 steps for each power of two, hence right within 1.6 percent

static uint32_t histogram[64 * 64];

static void record(uint64_t ns) {
    int shift = ns < 128 ? 0 : 57 - __builtin_clzll(ns);
    histogram[shift * 64 + (ns >> shift)]++;
}

static double percentile_us(double part) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < 64 * 64; i++)
        total += histogram[i];
    for (int i = 0; total && i < 64 * 64; i++)
        if ((seen += histogram[i]) >= part * total) {
            int shift = i < 128 ? 0 : i / 64 - 1;
            return (double)((uint64_t)(i - shift * 64) << shift) / 1e3;
        }
    return 0;
}

// ---- the server

static uint64_t server_ns(void) {
    clockid_t clock;
    return option.pid && clock_getcpuclockid(option.pid, &clock) == 0 ? clock_ns(clock) : 0;
}

static void watch_threads(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", option.pid);
    int threads = option.pid ? proc_number(path, "Threads") : 0;
    if (threads > most_threads)
        most_threads = threads;
}

// ---- one connection

// The request under way of a connection: its number and sequence at both ends. An echo's reply is the same again.
static const char *message_of(const struct connection *c) {
    static char message[MESSAGE];
    uint64_t name = (uint64_t)c->sequence << 32 | (uint32_t)(c - all);
    if (!message[8])
        for (int i = 0; i < MESSAGE; i++)
            message[i] = 'a' + i % 26;
    memcpy(message, &name, sizeof name);
    memcpy(message + MESSAGE - sizeof name, &name, sizeof name);
    return message;
}

static void lose(struct connection *c, const char *why) {
    if (errors + wrong < 3)
        fprintf(stderr, "load: connection %d, request %u: %s\n", (int)(c - all), c->sequence, why);
    waiting -= c->state != IDLE;
    if (c->proved)
        held--;
    else
        opening--;
    c->state = CLOSED;
    close(c->fd);
}

static void fail(struct connection *c, const char *why) {
    lose(c, why);
    errors++;
}

// Requests are far smaller than a socket's buffer: one that isn't taken whole has no connection.
static void send_request(struct connection *c) {
    const char *data = option.work == HTTP ? HTTP_REQUEST : message_of(c);
    size_t len = option.work == HTTP ? sizeof HTTP_REQUEST - 1 : option.work == STREAM ? 1 : MESSAGE;
    ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
    if (n == (ssize_t)len)
        c->state = WAITING;
    else if (n >= 0 || errno != EAGAIN || c->state != CONNECTING)
        fail(c, n < 0 ? strerror(errno) : "a short send");
}

static void new_request(struct connection *c) {
    c->sequence++;
    c->got = 0;
    c->sent_at = clock_now;
    waiting++;
}

static void ask(struct connection *c) {
    new_request(c);
    send_request(c);
}

static void watch(struct connection *c, int how) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = c};
    if (c->state == CONNECTING)
        event.events |= EPOLLOUT;
    if (option.work == STREAM) // of which we read a piece at a time
        event.events &= ~EPOLLET;
    if (epoll_ctl(epoll, how, c->fd, &event) != 0)
        die("epoll_ctl");
}

static void new_socket(struct connection *c) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

// For the server this is a close with SO_LINGER 0; for us the socket, and its place in the epoll set, can be used again.
static void disconnect(struct connection *c) {
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int error;
    socklen_t len = sizeof error;
    if (connect(c->fd, &nobody, sizeof nobody) != 0)
        die("disconnect");
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len); // takes away the "connection reset" of our own making
}

// On the loopback, connect has usually done all by the time it returns EINPROGRESS, so the request is tried at once.
// TCP_NODELAY is left alone: a request is only sent when nothing else is under way.
static void connect_and_ask(struct connection *c) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(option.port)};
    int again = c->proved;

    if (again)
        disconnect(c);
    else
        new_socket(c);
    c->state = CONNECTING;
    new_request(c);
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
        fail(c, strerror(errno));
        return;
    }
    send_request(c);
    if (!again && c->state != CLOSED)
        watch(c, EPOLL_CTL_ADD);
    else if (c->state == CONNECTING)
        watch(c, EPOLL_CTL_MOD);
}

static void prove(struct connection *c) {
    c->proved = 1;
    held++;
    opening--;
}

// ---- a rate: connections whose next request is to come, in the order in which it's due

#define QUEUE 32768 // a power of two, more than there can be connections
static struct connection *queue[QUEUE];
static unsigned queued, unqueued;

static void ask_when_due(struct connection *c) {
    c->due += option.active * 1e9 / option.rate;
    if (c->due < clock_now)
        c->due = clock_now;
    queue[queued++ % QUEUE] = c;
}

static void ask_due(void) {
    for (struct connection *c; asking && queued != unqueued && (c = queue[unqueued % QUEUE])->due <= (clock_now = now());) {
        unqueued++;
        if (c->state == IDLE)
            ask(c);
    }
}

static void replied(struct connection *c) {
    clock_now = now();
    replies++;
    waiting--;
    c->state = IDLE;
    if (!c->proved)
        prove(c);
    else
        record(clock_now - c->sent_at);
    if (!asking)
        return;
    if (option.rate > 0) {
        ask_when_due(c);
        return;
    }
    if (option.work == CHURN)
        connect_and_ask(c);
    else
        ask(c);
}

static void read_reply(struct connection *c) {
    static char buffer[4096]; // larger than any reply: one recv takes what there is
    const char *right = option.work == HTTP ? HTTP_ANSWER : message_of(c);
    size_t len = option.work == HTTP ? HTTP_ANSWER_LEN : MESSAGE;
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);

    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            fail(c, n == 0 ? "the server hung up" : strerror(errno));
        return;
    }
    if (c->state != WAITING || (size_t)n > len - c->got || memcmp(buffer, right + c->got, n) != 0) {
        wrong++;
        lose(c, "not the right reply");
        return;
    }
    c->got += n;
    if (c->got == len)
        replied(c);
}

// A stream repeats one block, whichever it is: the first one that came whole tells. Both ends of each piece are looked at.
static void read_stream(struct connection *c) {
    static char block[BLOCK], buffer[PIECE];
    static size_t known;
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);

    clock_now = now();
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            fail(c, n == 0 ? "the server hung up" : strerror(errno));
        return;
    }
    if (c == all && known < BLOCK) {
        size_t more = (size_t)n < BLOCK - known ? (size_t)n : BLOCK - known;
        memcpy(block + known, buffer, more);
        known += more;
    }
    if (known == BLOCK && (buffer[0] != block[c->got % BLOCK] || buffer[n - 1] != block[(c->got + n - 1) % BLOCK])) {
        wrong++;
        lose(c, "not the same block again");
        return;
    }
    c->got += n; // modulo 2^32, of which the block is a divisor
    bytes += n;
    if (!c->proved)
        prove(c);
}

static void on_event(struct connection *c) {
    if (c->state == CONNECTING) {
        send_request(c);
        if (c->state == WAITING)
            watch(c, EPOLL_CTL_MOD);
    } else if (option.work == STREAM) {
        read_stream(c);
    } else {
        read_reply(c);
    }
}

// ---- the phases

// What there is to do now, or else what comes first until then.
static void handle_events(uint64_t until) {
    static struct epoll_event events[EVENTS];
    int sleeps = !(asking && (option.never_sleeps || option.rate > 0)) && until > clock_now;
    int n = epoll_wait(epoll, events, EVENTS, sleeps ? (until - clock_now) / 1000000 + 1 : 0);
    for (int i = 0; i < n; i++)
        on_event(events[i].data.ptr);
    if (n <= 0) {
        clock_now = now();
        for (int i = 0; !sleeps && i < 20; i++) // leaves the server alone with what both of us lock
            __builtin_ia32_pause();
    }
    if (option.rate > 0)
        ask_due();
}

static void handle_events_for(double seconds) {
    clock_now = now();
    for (uint64_t end = clock_now + seconds * 1e9; clock_now < end;)
        handle_events(end);
}

// Whatever is neither proved nor answered by the end of our patience is an error.
static void give_up(void) {
    for (int i = 0; i < started; i++)
        if (all[i].state == CONNECTING || all[i].state == WAITING)
            fail(&all[i], "no answer in time");
}

static void open_all(void) {
    uint64_t patience = (clock_now = now()) + PATIENCE * SECOND;
    while ((started < option.connections || opening) && clock_now < patience) {
        int before = held;
        while (started < option.connections && opening < OPENING) {
            opening++;
            connect_and_ask(&all[started++]);
        }
        handle_events(patience);
        if (held > before)
            patience = clock_now + PATIENCE * SECOND;
    }
    if (opening)
        give_up();
}

// Those who work are spread evenly over all.
static void ask_all(void) {
    clock_now = now();
    asking = 1;
    for (int i = 0; option.work != STREAM && i < option.active; i++) {
        struct connection *c = &all[(long)i * option.connections / option.active];
        c->due = clock_now + (option.rate > 0 ? i * 1e9 / option.rate : 0);
        if (c->state == IDLE && option.rate > 0)
            queue[queued++ % QUEUE] = c;
        else if (c->state == IDLE && option.work == CHURN)
            connect_and_ask(c);
        else if (c->state == IDLE)
            ask(c);
    }
}

static void drain(void) {
    uint64_t patience = (clock_now = now()) + PATIENCE * SECOND;
    asking = 0;
    while (option.work != STREAM && waiting && clock_now < patience) {
        unsigned long before = replies;
        handle_events(patience);
        if (replies > before)
            patience = clock_now + PATIENCE * SECOND;
    }
    if (option.work != STREAM)
        give_up();
}

static void usage(void) {
    fprintf(stderr, "usage: load -w echo|http|request|stream|churn|idle -c CONNECTIONS [-a ACTIVE] [-r RATE] [-b]\n"
                    "            [-t SECONDS] [-W WARMUP] [-P SERVER_PID] PORT\n");
    exit(2);
}

static enum work work_named(const char *name) {
    static const struct {
        const char *name;
        enum work work;
    } names[] = {{"echo", ECHO}, {"request", ECHO}, {"idle", ECHO}, {"http", HTTP}, {"stream", STREAM}, {"churn", CHURN}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0)
            return names[i].work;
    usage();
    return 0;
}

static void options(int argc, char **argv) {
    int o, named = 0;
    while ((o = getopt(argc, argv, "w:c:a:r:bt:W:P:")) != -1)
        switch (o) {
        case 'w': option.work = work_named(optarg), named = 1; break;
        case 'c': option.connections = atoi(optarg); break;
        case 'a': option.active = atoi(optarg); break;
        case 'r': option.rate = atof(optarg); break;
        case 'b': option.never_sleeps = 1; break;
        case 't': option.seconds = atof(optarg); break;
        case 'W': option.warmup = atof(optarg); break;
        case 'P': option.pid = atoi(optarg); break;
        default: usage();
        }
    if (!named || optind != argc - 1 || option.connections < 1 || option.connections > QUEUE || option.rate < 0 || (option.port = atoi(argv[optind])) < 1)
        usage();
    if (option.rate > 0 && option.work != ECHO && option.work != HTTP)
        usage();
    if (option.active < 0 || option.active > option.connections)
        option.active = option.connections;
}

int main(int argc, char **argv) {
    options(argc, argv);
    raise_descriptor_limit();
    all = calloc(option.connections, sizeof *all);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!all || epoll < 0)
        die("load");

    struct memory before = memory_of(option.pid);
    open_all();
    handle_events_for(SETTLE);
    struct memory after = memory_of(option.pid);
    watch_threads();

    ask_all();
    handle_events_for(option.warmup);
    watch_threads();
    memset(histogram, 0, sizeof histogram);
    unsigned long from_replies = replies, from_bytes = bytes;
    uint64_t server = server_ns(), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID), from = now();
    handle_events_for(option.seconds);
    uint64_t took = now() - from;
    server = server_ns() - server;
    own = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
    double requests = option.work == STREAM ? (bytes - from_bytes) / 1048576.0 : replies - from_replies;
    double p50 = percentile_us(0.5), p99 = percentile_us(0.99);
    watch_threads();
    drain();

    printf("all_requests=%.0f held=%d requests=%.0f errors=%lu wrong=%lu seconds=%.4f rps=%.1f p50_us=%.1f p99_us=%.1f ",
           option.work == STREAM ? bytes / 1048576.0 : replies, held, requests, errors, wrong, took / 1e9,
           requests * 1e9 / took, p50, p99);
    printf("cpu_ns=%.1f cpu_busy=%.1f busy=%.1f threads=%d ", requests > 0 ? server / requests : 0, 100.0 * server / took,
           100.0 * own / took, most_threads);
    printf("rss0_kib=%ld rss_kib=%ld kstack_kib=%ld slab_kib=%ld pagetables_kib=%ld\n", before.rss, after.rss,
           after.kernel_stacks - before.kernel_stacks, after.slab - before.slab, after.page_tables - before.page_tables);
    return held == option.connections && errors == 0 && wrong == 0 ? 0 : 1;
}
