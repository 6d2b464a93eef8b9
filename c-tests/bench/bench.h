// What the benchmark's servers, load generator and thread counters share: the services' constants, how a server starts,
// and what the kernel says about a process.
#ifndef BENCH_H
#define BENCH_H
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "work.h"

#define MESSAGE 512       // of echo and request
#define HEAD_MAX 4096     // an HTTP request's head is shorter
#define BLOCK (64 * 1024) // of stream
#define BACKLOG 4096

#define HTTP_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"
#define HTTP_ANSWER_LEN (sizeof HTTP_ANSWER - 1)

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// A listening socket on a free port of 127.0.0.1, which is printed.
static inline int start_listening(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) || listen(listener, BACKLOG) ||
        getsockname(listener, (struct sockaddr *)&address, &len))
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static inline void send_at_once(int fd) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

// The length of the first whole HTTP head, its empty line included; 0 when it isn't whole.
static inline size_t head_length(const char *data, size_t len) {
    const char *end = memmem(data, len, "\r\n\r\n", 4);
    return end ? end + 4 - data : 0;
}

// The number behind `key` in a file like /proc/meminfo; 0 when it isn't there.
static inline long proc_number(const char *path, const char *key) {
    char line[256];
    long value = 0;
    size_t len = strlen(key);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, len) == 0 && line[len] == ':') {
            value = atol(line + len + 1);
            break;
        }
    if (f)
        fclose(f);
    return value;
}

// What memory a process has, and what the machine's kernel uses for all of them, in KiB: only growth says something.
struct memory {
    long rss, kernel_stacks, slab, page_tables;
};

static inline struct memory memory_of(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    return (struct memory){
        .rss = proc_number(path, "VmRSS"),
        .kernel_stacks = proc_number("/proc/meminfo", "KernelStack"),
        .slab = proc_number("/proc/meminfo", "Slab"),
        .page_tables = proc_number("/proc/meminfo", "PageTables"),
    };
}

#endif
