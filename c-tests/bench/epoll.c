// The limit: the services of threads.c as one who knows epoll well writes them, in one thread, by one loop.
//
//     epoll SERVICE      listens on a free port of 127.0.0.1 and prints it; SIGTERM ends it. echo, http, stream, request
//
// A request takes a recv, a send, and its share of an epoll_wait. Connections are registered once, edge-triggered: a recv
// that didn't fill the buffer has emptied the socket, so none is made that is known to fail. All of them share a buffer;
// a connection has memory of its own only for half a request, or an answer that didn't fit into its socket.
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "bench.h"

#define EVENTS 512
#define BLOCKS_AT_ONCE 4 // of one stream, before the others have their turn: what is under way stays in the cache
#define SLOTS 64

struct kept {
    char *data;
    size_t at, len;
};

struct connection {
    int fd;
    int watches_output;
    struct kept input, output;
    size_t streamed; // bytes of the block that is being sent
};

// Finds the requests at the front of the input. Says how long their answer is, where it is, and how much they took up;
// 0 when there's no whole one.
typedef size_t answer_function(char *input, size_t len, const char **answer, size_t *used);

static int epoll;
static answer_function *answer_to;
static int streams; // the service is stream: no answers, no end
static char buffer[BLOCK];

static size_t echo(char *input, size_t len, const char **answer, size_t *used) {
    *answer = input;
    return *used = len;
}

// Pipelined requests have their answers sent together.
static size_t http(char *input, size_t len, const char **answer, size_t *used) {
    static const char answers[] = HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER HTTP_ANSWER;
    size_t count = 0, head;
    *used = 0;
    *answer = answers;
    while (count < sizeof answers / HTTP_ANSWER_LEN && (head = head_length(input + *used, len - *used)) > 0) {
        *used += head;
        count++;
    }
    return count * HTTP_ANSWER_LEN;
}

static size_t request(char *input, size_t len, const char **answer, size_t *used) {
    static uint64_t table[SLOTS];
    *answer = input;
    *used = len - len % MESSAGE;
    for (unsigned char *at = (unsigned char *)input, *end = at + *used; at < end; at += MESSAGE)
        for (int i = 0; i < MESSAGE; i++)
            table[*at % SLOTS] += at[i];
    return *used;
}

static void close_connection(struct connection *c) {
    close(c->fd); // which takes it out of the epoll set too
    free(c->input.data);
    free(c->output.data);
    free(c);
}

static void keep(struct kept *kept, const char *data, size_t len) {
    kept->at = 0;
    kept->len = len;
    kept->data = malloc(len);
    if (!kept->data)
        die("malloc");
    memcpy(kept->data, data, len);
}

static void drop(struct kept *kept) {
    free(kept->data);
    *kept = (struct kept){0};
}

static void watch(struct connection *c, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, how, c->fd, &event) != 0)
        die("epoll_ctl");
}

// How much of it went out; what didn't is kept. -1 when nobody takes it.
static ssize_t send_or_keep(struct connection *c, const char *data, size_t len) {
    ssize_t n = send(c->fd, data, len, 0);
    if (n == (ssize_t)len)
        return n;
    if (n < 0 && errno != EAGAIN)
        return -1;
    if (n < 0)
        n = 0;
    keep(&c->output, data + n, len - n);
    if (!c->watches_output) {
        c->watches_output = 1;
        watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET);
    }
    return n;
}

// Answers what is in the buffer, and keeps what can't be answered yet. Whether the connection can go on reading.
static int answer_all(struct connection *c, size_t have) {
    const char *answer;
    size_t at = 0, len, used;
    ssize_t sent = 0;
    while (!c->output.data && (len = answer_to(buffer + at, have - at, &answer, &used)) > 0) {
        sent = send_or_keep(c, answer, len);
        at += used;
        if (sent < 0)
            break;
    }
    if (sent < 0 || (!c->output.data && have - at >= HEAD_MAX)) { // no request is that long
        close_connection(c);
        return 0;
    }
    if (at < have)
        keep(&c->input, buffer + at, have - at);
    return !c->output.data;
}

static size_t take_kept_input(struct connection *c) {
    size_t len = c->input.len;
    if (len) {
        memcpy(buffer, c->input.data, len);
        drop(&c->input);
    }
    return len;
}

// Until the socket is empty: a recv that gets less than it could says so, unless the peer has also hung up, which is
// only told once.
static void read_and_answer(struct connection *c, int hung_up) {
    for (;;) {
        size_t have = take_kept_input(c), room = sizeof buffer - have;
        ssize_t n = recv(c->fd, buffer + have, room, 0);
        if (n < 0 && errno == EAGAIN) {
            if (have)
                keep(&c->input, buffer, have);
            return;
        }
        if (n <= 0) {
            close_connection(c);
            return;
        }
        if (!answer_all(c, have + n) || ((size_t)n < room && !hung_up))
            return;
    }
}

// The answer that didn't fit goes on; once it's out, the requests behind it have their turn.
static void send_kept_output(struct connection *c) {
    struct kept *output = &c->output;
    ssize_t n = send(c->fd, output->data + output->at, output->len - output->at, 0);
    if (n < 0 && errno != EAGAIN) {
        close_connection(c);
        return;
    }
    if (n < 0 || (output->at += n) < output->len)
        return;
    drop(output);
    if (answer_all(c, take_kept_input(c)))
        read_and_answer(c, 1);
}

// Level-triggered: a stream that is interrupted for the others' sake is told of again.
static void send_blocks(struct connection *c) {
    for (int i = 0; i < BLOCKS_AT_ONCE; i++) {
        size_t left = BLOCK - c->streamed;
        ssize_t n = send(c->fd, buffer + c->streamed, left, 0);
        if (n < 0) {
            if (errno != EAGAIN)
                close_connection(c);
            return;
        }
        c->streamed = (c->streamed + n) % BLOCK;
        if ((size_t)n < left)
            return;
    }
}

static void start_stream(struct connection *c) {
    char byte;
    if (recv(c->fd, &byte, 1, 0) != 1)
        close_connection(c);
    else
        watch(c, EPOLL_CTL_MOD, EPOLLOUT);
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN)
            return;
        struct connection *c = calloc(1, sizeof *c);
        if (fd < 0 || !c)
            die("accept");
        send_at_once(fd);
        c->fd = fd;
        watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
}

static void on_event(struct connection *c, uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) // nobody is there for an answer any more
        close_connection(c);
    else if (streams && events & EPOLLOUT)
        send_blocks(c);
    else if (streams)
        start_stream(c);
    else if (c->output.data)
        send_kept_output(c);
    else
        read_and_answer(c, events & EPOLLRDHUP);
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS];
    const char *service = argc == 2 ? argv[1] : "";
    streams = strcmp(service, "stream") == 0;
    answer_to = strcmp(service, "echo") == 0      ? echo
                : strcmp(service, "http") == 0    ? http
                : strcmp(service, "request") == 0 ? request
                                                  : NULL;
    if (!streams && !answer_to) {
        fprintf(stderr, "usage: epoll echo|http|stream|request\n");
        return 2;
    }
    int listener = start_listening(), on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || ioctl(listener, FIONBIO, &on) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
        die("epoll");
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                on_event(events[i].data.ptr, events[i].events);
            else
                accept_all(listener);
    }
}
