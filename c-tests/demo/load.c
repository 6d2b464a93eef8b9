/* The load generator for httpd.c: one process, one thread, epoll, every byte of every reply checked.
 *
 *     load [options] port        the server's port on 127.0.0.1
 *     load -f                    prints a free port
 *
 *     -c N      connections, all open at once (100)
 *     -a N      of those, how many send requests; the others stay open, idle (all)
 *     -t SEC    how long requests are counted (1); -t 0 only opens and holds
 *     -w SEC    how long requests are sent before counting begins (0.2)
 *     -i SEC    how long all connections stay idle before the requests (0.2)
 *     -r WHAT   the request: echo (a token of its own each time), hello, big (64 KiB), bytes:COUNT (a stream of its own)
 *     -d        download: each connection sends one request, and none is read to its end before all replies have begun
 *     -x PROXY  through socks5:PORT, connect:PORT (HTTP CONNECT) or http:PORT (absolute URI; needs -d)
 *     -P PID    watch this process: its threads, resident memory and processor time
 *
 * The phases: open (each connection proves itself with one checked echo, so "held" means served, not just queued in
 * the backlog), idle, requests in a closed loop, drain. The result is one line of key=value on stdout:
 *
 *     held      connections open and served, all at once         wrong    replies whose bytes were not right
 *     requests  right replies in the counted time                errors   connections lost, refused, or out of time
 *     rps, p50_us, p99_us                                        seconds  of the counted time, or of the download
 *     busy      our own processor use, percent: near 100 we, not the server, are the limit
 *     threads   most kernel threads of PID that we saw           cpu_us   processor time of PID per request
 *     rss0_kib  resident before the first connection, rss_kib with all of them idle; kstacks_kib what the machine's
 *               kernel stacks grew by meanwhile, for a thread costs those too
 *
 * Exit status: 0 when all were held and nothing was wrong, 1 when not, 2 for a wrong call. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define BIG_SIZE     (64 * 1024)
#define HEAD_MAX     512
#define OPENING_MAX  256        /* connections being opened at once: far below any accept backlog */
#define PATIENCE     20.0       /* seconds for all to open, to drain, or to download */

enum state { CONNECTING, GREETING, ASKING, IDLE, WAITING, CLOSED };
enum proxy { DIRECT, SOCKS5, CONNECT, HTTP };
enum kind  { ECHO, HELLO, BIG, BYTES };

struct connection {
    int fd;
    enum state state;
    int opened;                 /* has proved itself: counts as held while it's not closed */
    int begun;                  /* download: its reply has begun */
    enum kind kind;             /* of the request under way */
    uint32_t sequence;          /* requests sent; with our own number, what makes each one unlike all others */
    uint64_t sent_at;           /* ns */
    size_t head_len;            /* bytes of the reply's head so far; HEAD_DONE once it's behind us */
    size_t body_len, body_at;   /* how long the body must be, how much of it was checked */
    char head[HEAD_MAX];
};
#define HEAD_DONE ((size_t)-1)

static struct {
    int port, proxy_port, connections, active, download, pid;
    double count, warm, idle;
    enum proxy proxy;
    enum kind kind;
    unsigned long bytes;
} option = { .connections = 100, .active = -1, .count = 1, .warm = 0.2, .idle = 0.2, .kind = ECHO };

static struct connection *all;
static int epoll;
static char big[BIG_SIZE];

/* What is going on. */
static int started, opening, held, most_held, outstanding, begun;
static int sending, reading = 1;
static uint64_t count_from, count_to;
static unsigned long requests, wrong, errors;

/* ---- time, latency ------------------------------------------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) < 0 ? 0 : (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static uint64_t now(void) { return clock_ns(CLOCK_MONOTONIC); }

/* A histogram of microseconds: 64 steps for every power of two, hence answers within 1.6 percent. */
static unsigned long histogram[64 * 32];

static void record(uint64_t us)
{
    int shift = 0;
    while ((us >> shift) >= 128)
        shift++;
    size_t slot = shift * 64 + (us >> shift);
    histogram[slot < 64 * 32 ? slot : 64 * 32 - 1]++;
}

static double percentile(double p)
{
    unsigned long total = 0, seen = 0;
    for (size_t i = 0; i < 64 * 32; i++)
        total += histogram[i];
    for (size_t i = 0; i < 64 * 32; i++)
        if (total && (seen += histogram[i]) >= p * total) {
            size_t shift = i < 128 ? 0 : i / 64 - 1;
            return (double)((i - shift * 64) << shift);
        }
    return 0;
}

/* ---- the process watched -------------------------------------------------------------------------------------- */

static long most_threads;
static int spare;               /* a descriptor kept for reading /proc when the connections have taken all others */

/* The number after `key` in /proc/PID/`file`, or -1. */
static long proc_number(const char *file, const char *key)
{
    char path[64], line[256];
    long value = -1;

    snprintf(path, sizeof path, "/proc/%d/%s", option.pid, file);
    close(spare);
    FILE *f = fopen(path, "r");
    if (f) {
        while (value < 0 && fgets(line, sizeof line, f))
            if (strncmp(line, key, strlen(key)) == 0)
                value = atol(line + strlen(key));
        fclose(f);
    }
    spare = dup(epoll);
    return value;
}

static void watch_threads(void)
{
    long n = option.pid ? proc_number("status", "Threads:") : 0;
    if (n > most_threads)
        most_threads = n;
}

/* VmRSS of status is a sum of per-processor counters and up to a few hundred KiB off; the roll-up is exact. */
static long resident_kib(void)
{
    if (!option.pid)
        return 0;
    long n = proc_number("smaps_rollup", "Rss:");
    return n >= 0 ? n : proc_number("status", "VmRSS:");
}

/* Of the whole machine: what a process's kernel threads cost beyond its resident memory. */
static long kernel_stacks_kib(void) { return option.pid ? proc_number("../meminfo", "KernelStack:") : 0; }

static uint64_t watched_cpu_ns(void)
{
    clockid_t clock;
    return option.pid && clock_getcpuclockid(option.pid, &clock) == 0 ? clock_ns(clock) : 0;
}

/* ---- one connection ------------------------------------------------------------------------------------------- */

static uint64_t stream_of(const struct connection *c) { return (uint64_t)(c - all) << 24 | c->sequence; }

/* The token of the request under way, 16 digits; by hand, since snprintf is what would slow us down most. */
static void token_of(const struct connection *c, char *to)
{
    uint64_t n = stream_of(c);
    for (int i = 15; i >= 0; i--, n >>= 4)
        to[i] = "0123456789abcdef"[n & 15];
}

static void lose(struct connection *c, const char *why)
{
    static int told;

    if (told++ < 3)
        fprintf(stderr, "load: connection %d, request %u: %s\n", (int)(c - all), c->sequence, why);
    if (c->state == WAITING && c->opened)
        outstanding--;
    if (c->opened)
        held--;
    else
        opening--;
    errors++;
    c->state = CLOSED;
    close(c->fd);
}

/* Our requests are far smaller than any socket buffer, so a short send is a fault like any other. */
static int send_text(struct connection *c, const char *text, size_t len)
{
    if (send(c->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len)
        return 1;
    lose(c, "cannot send");
    return 0;
}

static __attribute__((format(printf, 2, 3))) int send_format(struct connection *c, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return send_text(c, text, len);
}

static void request(struct connection *c, enum kind kind, uint64_t at)
{
    char prefix[64];

    c->sequence++;
    c->kind = kind;
    c->state = WAITING;
    c->sent_at = at;
    c->head_len = c->body_at = 0;
    if (c->opened)
        outstanding++;
    if (option.proxy == HTTP)
        snprintf(prefix, sizeof prefix, "http://127.0.0.1:%d", option.port);
    else
        prefix[0] = '\0';
    switch (kind) {
    case ECHO:
        c->body_len = 16;
        if (option.proxy != HTTP) {
            char text[] = "GET /echo/0123456789abcdef HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
            token_of(c, text + 10);
            send_text(c, text, sizeof text - 1);
        } else {
            send_format(c, "GET %s/echo/%016lx HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", prefix, (long)stream_of(c));
        }
        break;
    case HELLO:
        c->body_len = 31;
        send_format(c, "GET %s/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", prefix);
        break;
    case BIG:
        c->body_len = BIG_SIZE;
        send_format(c, "GET %s/big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", prefix);
        break;
    case BYTES:
        c->body_len = option.bytes;
        send_format(c, "GET %s/bytes/%lu/%lu HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", prefix, stream_of(c), option.bytes);
        break;
    }
}

/* Whether these are the bytes that the body must have next. */
static int body_is(struct connection *c, const char *data, size_t len)
{
    static char expected[1 << 16];

    if (len > c->body_len - c->body_at || len > sizeof expected)
        return 0;
    switch (c->kind) {
    case ECHO: {
        char token[16];
        token_of(c, token);
        return memcmp(data, token + c->body_at, len) == 0;
    }
    case HELLO:
        return memcmp(data, "hello from a thread of its own\n" + c->body_at, len) == 0;
    case BIG:
        return memcmp(data, big + c->body_at, len) == 0;
    case BYTES:
        pattern_fill(stream_of(c), c->body_at, expected, len);
        return memcmp(data, expected, len) == 0;
    }
    return 0;
}

/* Whether a whole reply head says "200" and promises the body that we asked for. */
static int head_is_right(struct connection *c)
{
    static char right[HEAD_MAX];                /* the last head that was: most are the same again */
    static size_t right_len, right_for;

    c->head[c->head_len - 1] = '\0';
    if (c->head_len == right_len && c->body_len == right_for && memcmp(c->head, right, right_len) == 0)
        return 1;
    char *length = strcasestr(c->head, "\r\nContent-Length:");
    if (strncmp(c->head, "HTTP/1.", 7) != 0 || strncmp(c->head + 8, " 200", 4) != 0 || !length
        || strtoul(length + 17, NULL, 10) != c->body_len)
        return 0;
    memcpy(right, c->head, right_len = c->head_len);
    right_for = c->body_len;
    return 1;
}

static void proved(struct connection *c)
{
    c->state = IDLE;
    c->opened = 1;
    opening--;
    if (++held > most_held)
        most_held = held;
}

static void replied(struct connection *c)
{
    uint64_t at = now();

    if (!c->opened) {
        proved(c);
        return;
    }
    outstanding--;
    c->state = IDLE;
    if (at >= count_from && at < count_to) {
        requests++;
        record((at - c->sent_at) / 1000);
    }
    if (sending && at < count_to)
        request(c, option.kind, at);
}

/* Takes in a piece of the reply; 0 when the connection is done for. */
static int feed_reply(struct connection *c, const char *data, size_t len)
{
    if (c->head_len != HEAD_DONE) {
        size_t before = c->head_len, room = HEAD_MAX - before, n = len < room ? len : room;
        memcpy(c->head + before, data, n);
        char *end = memmem(c->head, before + n, "\r\n\r\n", 4);
        if (!end && before + n < HEAD_MAX) {
            c->head_len = before + n;
            return 1;
        }
        c->head_len = end ? (size_t)(end + 4 - c->head) : HEAD_MAX;
        n = c->head_len - before;
        if (!end || !head_is_right(c)) {
            wrong++;
            lose(c, "the reply's head is wrong");
            return 0;
        }
        c->head_len = HEAD_DONE;
        data += n, len -= n;
    }
    if (!body_is(c, data, len)) {
        wrong++;
        lose(c, "the reply's body is wrong");
        return 0;
    }
    c->body_at += len;
    if (c->body_at == c->body_len)
        replied(c);
    return 1;
}

static const char connect_head[] = "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n";

/* The way to the server is open: prove it, unless a proxy's client can have but one request. */
static void tunnel_open(struct connection *c)
{
    if (option.download)
        proved(c);
    else
        request(c, ECHO, now());
}

static void connected(struct connection *c)
{
    switch (option.proxy) {
    case DIRECT:
    case HTTP:
        tunnel_open(c);
        break;
    case SOCKS5:                                            /* RFC 1928: version 5, one method, "none needed" */
        c->state = GREETING;
        send_text(c, "\x05\x01\x00", 3);
        break;
    case CONNECT:
        c->state = ASKING;
        send_format(c, connect_head, option.port, option.port);
        break;
    }
}

/* A proxy's answer before the tunnel is open; it says nothing more until we do, so no byte of a reply follows. */
static int feed_proxy(struct connection *c, const char *data, size_t len)
{
    size_t n = len < HEAD_MAX - 1 - c->head_len ? len : HEAD_MAX - 1 - c->head_len;
    memcpy(c->head + c->head_len, data, n);
    c->head_len += n;
    c->head[c->head_len] = '\0';

    if (option.proxy == CONNECT) {
        if (!strstr(c->head, "\r\n\r\n"))
            return 1;
        if (strncmp(c->head + 8, " 200", 4) != 0) {
            lose(c, "the proxy refuses");
            return 0;
        }
    } else if (c->state == GREETING) {
        if (c->head_len < 2)
            return 1;
        c->state = ASKING;
        c->head_len = 0;
        char ask[10] = { 5, 1, 0, 1, 127, 0, 0, 1, option.port >> 8, option.port & 255 };
        return send_text(c, ask, sizeof ask);
    } else {
        if (c->head_len < 10)
            return 1;
        if (c->head[1] != 0) {
            lose(c, "the proxy refuses");
            return 0;
        }
    }
    c->head_len = 0;
    tunnel_open(c);
    return 1;
}

static void readable(struct connection *c, uint32_t events)
{
    static char data[1 << 16];

    for (;;) {
        ssize_t n = recv(c->fd, data, sizeof data, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            /* A proxy closes behind the one reply of a download; that is its right. */
            if (option.download && c->state == IDLE && c->sequence > 0) {
                c->state = CLOSED;
                close(c->fd);
            } else {
                lose(c, n < 0 ? strerror(errno) : "closed by the other side");
            }
            return;
        }
        if (c->state == WAITING) {
            if (!feed_reply(c, data, n))
                return;
        } else if (c->state == GREETING || c->state == ASKING) {
            if (!feed_proxy(c, data, n))
                return;
        } else {
            wrong++;
            lose(c, "bytes that nobody asked for");
            return;
        }
        /* Edge-triggered: a short read has emptied the socket, and the next bytes make a new edge (epoll(7), Q9). */
        if ((c->state == CLOSED || n < (ssize_t)sizeof data) && !(events & (EPOLLRDHUP | EPOLLERR)))
            return;
        if (c->state == CLOSED)
            return;
    }
}

static void start(struct connection *c)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(option.proxy == DIRECT ? option.port : option.proxy_port) };
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int one = 1, small = 16 * 1024;

    opening++;
    c->state = CONNECTING;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        lose(c, strerror(errno));
        return;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* Tens of thousands of connections in TIME_WAIT would use up the local ports for the next run: leave by RST. */
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    /* A download must not fit in the socket buffers, or the proxy is done with it before all have begun. */
    if (option.download)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if ((connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
        lose(c, strerror(errno));
}

/* ---- the loop ------------------------------------------------------------------------------------------------- */

static void on_event(struct connection *c, uint32_t events)
{
    if (c->state == CLOSED)
        return;
    if (c->state == CONNECTING) {
        int error = 0;
        socklen_t len = sizeof error;
        if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
            return;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (error) {
            lose(c, strerror(error));
            return;
        }
        connected(c);
        return;
    }
    if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)))
        return;
    if (!reading) {
        begun += !c->begun;
        c->begun = 1;
        return;
    }
    readable(c, events);
}

/* Handles events until `done` says so or `seconds` are over. */
static void run(int (*done)(void), double seconds)
{
    static struct epoll_event events[512];
    uint64_t end = now() + (uint64_t)(seconds * 1e9), next_look = 0;

    while (!done()) {
        uint64_t at = now();
        if (at >= end)
            return;
        if (at >= next_look && option.download) {
            watch_threads();
            next_look = at + 20000000;
        }
        int ms = (end - at) / 1000000 + 1;
        int n = epoll_wait(epoll, events, 512, ms < 20 ? ms : 20);
        for (int i = 0; i < n; i++)
            on_event(events[i].data.ptr, events[i].events);
    }
}

static int never(void) { return 0; }
static int drained(void) { return outstanding <= 0; }
static int all_begun(void) { return begun >= most_held; }

static int all_open(void)
{
    while (opening < OPENING_MAX && started < option.connections)
        start(&all[started++]);
    return started == option.connections && opening == 0;
}

/* Those that never came: no longer waited for, counted as errors. */
static void give_up(void)
{
    for (int i = 0; i < started; i++)
        if (all[i].state != CLOSED && all[i].state != IDLE)
            lose(&all[i], "no answer in time");
}

static void ask_all(int n)
{
    uint64_t at = now();
    sending = !option.download;
    for (int i = 0; i < n; i++) {
        struct connection *c = &all[(long)i * option.connections / n];
        if (c->state == IDLE)
            request(c, option.kind, at);
    }
}

static void usage(const char *why)
{
    fprintf(stderr, "load: %s\nusage: load [-c N] [-a N] [-t SEC] [-w SEC] [-i SEC] [-r echo|hello|big|bytes:COUNT] [-d]\n"
            "            [-x socks5:PORT|connect:PORT|http:PORT] [-P PID] port\n       load -f\n", why);
    exit(2);
}

static void print_free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 || getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("load: -f");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    exit(0);
}

static void options(int argc, char **argv)
{
    int o;

    while ((o = getopt(argc, argv, "c:a:t:w:i:r:dx:P:f")) != -1)
        switch (o) {
        case 'c': option.connections = atoi(optarg); break;
        case 'a': option.active = atoi(optarg); break;
        case 't': option.count = atof(optarg); break;
        case 'w': option.warm = atof(optarg); break;
        case 'i': option.idle = atof(optarg); break;
        case 'd': option.download = 1; break;
        case 'P': option.pid = atoi(optarg); break;
        case 'f': print_free_port(); break;
        case 'r':
            option.kind = !strcmp(optarg, "echo") ? ECHO : !strcmp(optarg, "hello") ? HELLO : !strcmp(optarg, "big") ? BIG : BYTES;
            if (option.kind == BYTES && (sscanf(optarg, "bytes:%lu", &option.bytes) != 1 || option.bytes == 0))
                usage("-r wants echo, hello, big or bytes:COUNT");
            break;
        case 'x':
            option.proxy = !strncmp(optarg, "socks5:", 7) ? SOCKS5 : !strncmp(optarg, "connect:", 8) ? CONNECT
                         : !strncmp(optarg, "http:", 5) ? HTTP : DIRECT;
            option.proxy_port = atoi(strchrnul(optarg, ':') + (strchr(optarg, ':') != NULL));
            if (option.proxy == DIRECT || option.proxy_port < 1 || option.proxy_port > 65535)
                usage("-x wants socks5:PORT, connect:PORT or http:PORT");
            break;
        default: usage("unknown option");
        }
    if (optind != argc - 1 || (option.port = atoi(argv[optind])) < 1 || option.port > 65535)
        usage("a port is needed");
    if (option.connections < 1)
        usage("-c must be at least 1");
    if (option.active < 0 || option.active > option.connections)
        option.active = option.connections;
    if (option.proxy == HTTP && !option.download)
        usage("-x http:PORT needs -d");
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    long rss0, rss, stacks;
    int at_once;
    double seconds = 0, busy = 0, cpu_us = 0;

    options(argc, argv);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    pattern_fill(0, 0, big, sizeof big);
    all = calloc(option.connections, sizeof *all);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    spare = dup(epoll);
    if (!all || spare < 0) {
        perror("load");
        return 1;
    }

    rss0 = resident_kib();
    stacks = kernel_stacks_kib();
    run(all_open, PATIENCE);
    give_up();
    run(never, option.idle);
    at_once = held;                 /* whoever was lost meanwhile isn't held with the others */
    watch_threads();
    rss = resident_kib();
    stacks = kernel_stacks_kib() - stacks;

    if (option.download) {
        uint64_t from = now();
        count_to = UINT64_MAX;
        reading = 0;
        ask_all(option.connections);
        run(all_begun, PATIENCE);
        watch_threads();
        /* The edges of what has come are spent: read everything once by hand, then by event. */
        reading = 1;
        for (int i = 0; i < started; i++)
            if (all[i].state == WAITING)
                readable(&all[i], EPOLLRDHUP);
        run(drained, PATIENCE);
        give_up();
        seconds = (now() - from) / 1e9;
    } else if (option.count > 0) {
        count_from = now() + (uint64_t)(option.warm * 1e9);
        count_to = count_from + (uint64_t)(option.count * 1e9);
        ask_all(option.active);
        run(never, option.warm);
        uint64_t from = now(), cpu = watched_cpu_ns(), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        count_from = from, count_to = from + (uint64_t)(option.count * 1e9);
        run(never, option.count);
        uint64_t to = now();
        cpu = watched_cpu_ns() - cpu;
        own = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
        sending = 0;
        seconds = option.count;
        busy = 100.0 * own / (to - from);
        cpu_us = requests ? cpu / 1e3 / requests : 0;
        watch_threads();
        run(drained, PATIENCE);
        give_up();
    }

    printf("held=%d requests=%lu rps=%.0f p50_us=%.0f p99_us=%.0f wrong=%lu errors=%lu seconds=%.2f busy=%.0f "
           "threads=%ld cpu_us=%.2f rss0_kib=%ld rss_kib=%ld kstacks_kib=%ld\n",
           at_once, requests, seconds > 0 ? requests / seconds : 0, percentile(0.5), percentile(0.99), wrong, errors,
           seconds, busy, most_threads, cpu_us, rss0, rss, stacks);
    return at_once == option.connections && wrong == 0 && errors == 0 ? 0 : 1;
}
