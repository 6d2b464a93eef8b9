// A server that computes: a thread per connection, and about 200 microseconds of hashing for each request. Also its client.
//
//     hash calibrate MICROSECONDS      prints how many ROUNDS take that long here
//     hash serve ROUNDS                the server, on a free port of 127.0.0.1, which it prints
//     hash load PORT ROUNDS [CONNECTIONS [SECONDS [PID]]]
//                                      the client: a closed loop on each connection (64), counted for SECONDS (2) after
//                                      a warm-up of 0.3 s; PID is the server, for its processor time
//
// A request is a seed, a reply is the seed and its hash: 8 and 16 bytes. The client knows the hashes of a few hundred
// seeds from before it starts, so that checking costs it next to nothing: it must leave the processors to the server.
// It prints one line of key=value; stalled=1 when no reply came for two seconds. Run by scripts/bench/hash.sh.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#define STACK_SIZE (64 * 1024)
#define SEEDS 256
#define PATIENCE 2000000000ull

struct reply {
    uint64_t seed, hash;
};

static void die(const char *what) {
    perror(what);
    exit(1);
}

// ---- the server

static long rounds;

static void *serve_client(void *arg) {
    int fd = (int)(long)arg, one = 1;
    struct reply reply;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while (recv(fd, &reply.seed, sizeof reply.seed, MSG_WAITALL) == sizeof reply.seed) {
        reply.hash = hash(reply.seed, rounds);
        if (send(fd, &reply, sizeof reply, 0) != sizeof reply)
            break;
    }
    close(fd);
    return NULL;
}

static void serve(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    pthread_attr_t attr;
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &len))
        die("hash: listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            die("hash: accept");
        errno = pthread_create(&thread, &attr, serve_client, (void *)(long)fd);
        if (errno)
            die("hash: pthread_create");
    }
}

// ---- the client

struct connection {
    int fd;
    unsigned next; // which seed is under way
    uint64_t sent_at;
    size_t have;
    struct reply reply;
};

static struct reply known[SEEDS];
static unsigned long wrong, requests;
static uint32_t *latency; // of each counted request, in ns / 16: up to a minute
static unsigned long latency_room;

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_us(double part) {
    return requests ? latency[(unsigned long)(part * (requests - 1))] * 16 / 1e3 : 0;
}

static void ask(struct connection *c, uint64_t at) {
    c->next = (c->next + 1) % SEEDS;
    c->sent_at = at;
    c->have = 0;
    if (send(c->fd, &known[c->next].seed, sizeof known->seed, 0) != sizeof known->seed)
        die("hash: send");
}

static void count(uint64_t took) {
    if (requests == latency_room) {
        latency_room = latency_room ? 2 * latency_room : 65536;
        latency = realloc(latency, latency_room * sizeof *latency);
        if (!latency)
            die("hash: realloc");
    }
    latency[requests++] = took / 16;
}

static uint64_t processor_ns(int pid) {
    clockid_t clock;
    return pid && clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

// Threads of `pid` that the kernel knows.
static int kernel_threads(int pid) {
    char path[64], line[128];
    int n = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = pid ? fopen(path, "r") : NULL;
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "Threads: %d", &n);
    if (f)
        fclose(f);
    return n;
}

static int load(int port, int connections, double seconds, int pid) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    struct connection *all = calloc(connections, sizeof *all);
    struct epoll_event events[64];
    int epoll = epoll_create1(EPOLL_CLOEXEC), one = 1;

    // What is measured is the server, not how the kernel shares processors between it and us: we go first, as on a
    // machine of our own, so that we are woken equally often by either kind. (Else the server with more kernel threads
    // keeps us waiting longer, and the fuller batches that we then find make us cheaper for it.)
    struct sched_param lowest = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_RR, &lowest);
    for (int i = 0; i < SEEDS; i++) {
        known[i].seed = 0x9e3779b97f4a7c15ull * (i + 1);
        known[i].hash = hash(known[i].seed, rounds);
    }
    for (int i = 0; i < connections; i++) {
        struct connection *c = &all[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        c->next = i * 7;
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to) || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
            die("hash: connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }

    uint64_t at = now(), heard = at, from = at + 300000000, to_ns = from + (uint64_t)(seconds * 1e9);
    uint64_t began = 0, server_cpu = 0, own_cpu = 0;
    for (int i = 0; i < connections; i++)
        ask(&all[i], at);
    while (at < to_ns && at - heard < PATIENCE) {
        int n = epoll_wait(epoll, events, 64, 100);
        at = now();
        if (!began && at >= from) {
            began = at;
            server_cpu = processor_ns(pid);
            own_cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        }
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            ssize_t got = recv(c->fd, (char *)&c->reply + c->have, sizeof c->reply - c->have, MSG_DONTWAIT);
            if (got <= 0)
                die("hash: the server hung up");
            heard = at;
            if ((c->have += got) < sizeof c->reply)
                continue;
            if (memcmp(&c->reply, &known[c->next], sizeof c->reply) != 0)
                wrong++;
            else if (began)
                count(at - c->sent_at);
            ask(c, at);
        }
        usleep(500); // replies by the handful: woken for each one we'd take a tenth of a processor from the server
    }
    if (at - heard >= PATIENCE) {
        printf("stalled=1\n");
        return 1;
    }
    double took = at - began;
    server_cpu = processor_ns(pid) - server_cpu;
    own_cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_cpu;
    qsort(latency, requests, sizeof *latency, by_value);
    printf("requests=%lu rps=%.0f p50_us=%.1f p99_us=%.1f wrong=%lu server_us=%.1f client_us=%.1f server_busy=%.1f "
           "client_busy=%.1f threads=%d\n",
           requests, requests / took * 1e9, percentile_us(0.5), percentile_us(0.99), wrong,
           requests ? server_cpu / 1e3 / requests : 0, requests ? own_cpu / 1e3 / requests : 0, 100 * server_cpu / took,
           100 * own_cpu / took, kernel_threads(pid));
    return wrong != 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 2 ? argv[1] : "";
    if (strcmp(what, "calibrate") == 0) {
        printf("%ld\n", calibrate(atof(argv[2]) * 1000));
        return 0;
    }
    if (strcmp(what, "serve") == 0) {
        rounds = atol(argv[2]);
        serve();
    }
    if (strcmp(what, "load") == 0 && argc > 3) {
        rounds = atol(argv[3]);
        return load(atoi(argv[2]), argc > 4 ? atoi(argv[4]) : 64, argc > 5 ? atof(argv[5]) : 2,
                    argc > 6 ? atoi(argv[6]) : 0);
    }
    fprintf(stderr, "usage: hash calibrate MICROSECONDS | serve ROUNDS | load PORT ROUNDS [CONNECTIONS [SECONDS [PID]]]\n");
    return 2;
}
