/* A small HTTP/1.1 server with a thread per connection: the demo's subject.
 *
 *     httpd [port]        listens on 127.0.0.1; without a port, or with 0, on any free one; prints the port it got
 *
 *     GET /                       a short text
 *     GET /big                    64 KiB
 *     GET /echo/<token>           the token, so that a client can tell its own reply from another's
 *     GET /bytes/<seed>/<count>   `count` pseudo-random bytes of stream `seed` (pattern.h)
 *     GET /stats                  what it has served
 *
 * It is written as such daemons were for twenty years: main accepts, every client gets a detached thread with a
 * small stack, which reads, answers and reads again until the client leaves. Nothing here knows of green threads.
 * SIGTERM ends it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define STACK_SIZE   (64 * 1024)
#define REQUEST_MAX  1024
#define BIG_SIZE     (64 * 1024)
#define BACKLOG      4096

#include "pattern.h"

struct client {
    int fd;
    struct sockaddr_in from;
    size_t have;                        /* bytes of the request so far */
    char request[REQUEST_MAX + 1];
};

static struct {
    pthread_mutex_t lock;
    unsigned long connections, open, peak, requests, bytes;
} stats = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char hello[] = "hello from a thread of its own\n";
static char big[BIG_SIZE];

/* Sends all of both pieces; 0, or -1 when the client is gone. */
static int send_all(int fd, const char *head, size_t head_len, const char *body, size_t body_len)
{
    struct iovec piece[2] = { { (char *)head, head_len }, { (char *)body, body_len } };
    int at = 0;

    while (at < 2) {
        ssize_t n = writev(fd, piece + at, 2 - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        while (at < 2 && (size_t)n >= piece[at].iov_len)
            n -= piece[at++].iov_len;
        if (at < 2) {
            piece[at].iov_base = (char *)piece[at].iov_base + n;
            piece[at].iov_len -= n;
        }
    }
    return 0;
}

static int reply(int fd, const char *status, int keep, const char *body, size_t len)
{
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nServer: demo\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n",
                     status, len, keep ? "keep-alive" : "close");
    return send_all(fd, head, n, body, len);
}

/* A function of its own, so that only the clients who ask for bytes pay for its buffer with stack. */
static __attribute__((noinline)) int reply_bytes(int fd, int keep, unsigned long seed, unsigned long count)
{
    char head[256], chunk[8192];
    size_t head_len = snprintf(head, sizeof head,
                               "HTTP/1.1 200 OK\r\nServer: demo\r\nContent-Type: application/octet-stream\r\n"
                               "Content-Length: %lu\r\nConnection: %s\r\n\r\n", count, keep ? "keep-alive" : "close");
    unsigned long sent = 0;

    do {
        size_t n = count - sent < sizeof chunk ? count - sent : sizeof chunk;
        pattern_fill(seed, sent, chunk, n);
        if (send_all(fd, head, head_len, chunk, n) < 0)
            return -1;
        head_len = 0;
        sent += n;
    } while (sent < count);
    return 0;
}

static __attribute__((noinline)) int reply_stats(int fd, int keep)
{
    char text[256];

    pthread_mutex_lock(&stats.lock);
    int n = snprintf(text, sizeof text, "connections %lu\nopen %lu\npeak %lu\nrequests %lu\nbytes %lu\n",
                     stats.connections, stats.open, stats.peak, stats.requests, stats.bytes);
    pthread_mutex_unlock(&stats.lock);
    return reply(fd, "200 OK", keep, text, n);
}

/* Whether the connection lasts beyond this request (RFC 9112, section 9.3). */
static int keeps_alive(const char *request)
{
    if (strcasestr(request, "\r\nConnection: close"))
        return 0;
    return strstr(request, " HTTP/1.1\r\n") || strcasestr(request, "\r\nConnection: keep-alive");
}

/* Answers one request, a NUL-terminated head. 1: go on, 0: the conversation is over. */
static int answer(int fd, const char *request)
{
    int keep = keeps_alive(request);
    unsigned long seed, count;
    size_t sent = 0;
    int result;

    if (strncmp(request, "GET /", 5) != 0) {
        reply(fd, "501 Not Implemented", 0, "", 0);
        return 0;
    }
    const char *path = request + 4;
    size_t path_len = strcspn(path, " \r\n");

    if (path_len > 6 && strncmp(path, "/echo/", 6) == 0)
        result = reply(fd, "200 OK", keep, path + 6, sent = path_len - 6);
    else if (path_len == 1)
        result = reply(fd, "200 OK", keep, hello, sent = sizeof hello - 1);
    else if (path_len == 4 && strncmp(path, "/big", 4) == 0)
        result = reply(fd, "200 OK", keep, big, sent = sizeof big);
    else if (sscanf(path, "/bytes/%lu/%lu", &seed, &count) == 2)
        result = reply_bytes(fd, keep, seed, sent = count);
    else if (path_len == 6 && strncmp(path, "/stats", 6) == 0)
        result = reply_stats(fd, keep);
    else
        result = reply(fd, "404 Not Found", keep, "", 0);

    pthread_mutex_lock(&stats.lock);
    stats.requests++;
    stats.bytes += sent;
    pthread_mutex_unlock(&stats.lock);
    return result == 0 && keep;
}

/* Reads requests and answers them until the client leaves; they may come in pieces, or several at once. */
static void converse(struct client *c)
{
    char *end;

    for (;;) {
        while (!(end = strstr(c->request, "\r\n\r\n"))) {
            if (c->have == REQUEST_MAX) {
                reply(c->fd, "431 Request Header Fields Too Large", 0, "", 0);
                return;
            }
            ssize_t n = read(c->fd, c->request + c->have, REQUEST_MAX - c->have);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return;
            c->have += n;
            c->request[c->have] = '\0';
        }
        size_t used = end + 4 - c->request;
        end[2] = '\0';
        if (!answer(c->fd, c->request))
            return;
        c->have -= used;
        memmove(c->request, c->request + used, c->have + 1);
    }
}

static void *client_thread(void *argument)
{
    struct client *client = argument;
    int one = 1;

    pthread_mutex_lock(&stats.lock);
    stats.connections++;
    if (++stats.open > stats.peak)
        stats.peak = stats.open;
    pthread_mutex_unlock(&stats.lock);

    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    converse(client);
    close(client->fd);
    free(client);

    pthread_mutex_lock(&stats.lock);
    stats.open--;
    pthread_mutex_unlock(&stats.lock);
    return NULL;
}

static void raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int listen_on(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0
        || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0
        || getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("httpd: listen");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    pthread_attr_t attr;
    int listener;

    signal(SIGPIPE, SIG_IGN);
    raise_fd_limit();
    pattern_fill(0, 0, big, sizeof big);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    listener = listen_on(argc > 1 ? atoi(argv[1]) : 0);

    for (;;) {
        struct client *client = malloc(sizeof *client);
        socklen_t len = sizeof client->from;
        pthread_t thread;
        int error;

        if (!client) {
            perror("httpd: malloc");
            return 1;
        }
        client->fd = accept(listener, (struct sockaddr *)&client->from, &len);
        if (client->fd < 0) {
            if (errno != EINTR && errno != ECONNABORTED) {
                perror("httpd: accept");
                usleep(10 * 1000);      /* out of descriptors: let some clients leave */
            }
            free(client);
            continue;
        }
        client->have = 0;
        client->request[0] = '\0';
        error = pthread_create(&thread, &attr, client_thread, client);
        if (error) {
            fprintf(stderr, "httpd: pthread_create: %s\n", strerror(error));
            close(client->fd);
            free(client);
        }
    }
}
