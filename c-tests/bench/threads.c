// The benchmark's subject: servers written as such daemons are, a blocking thread for each connection. Run natively, and
// with libgreen preloaded; it knows nothing of either.
//
//     threads SERVICE      listens on a free port of 127.0.0.1 and prints it; SIGTERM ends it
//
//     echo       what comes is sent back
//     http       keep-alive; each request, whatever it asks, has the same short answer
//     stream     after one byte, blocks of 64 KiB for as long as somebody takes them
//     request    each message of 512 bytes is handled by a thread of its own, which adds to a shared table under one of
//                many locks, and sends it back
#define _GNU_SOURCE
#include <pthread.h>

#include "bench.h"

#define STACK_SIZE (64 * 1024) // small, as in servers of this kind: thousands of threads must fit
#define LOCKS 64

static pthread_attr_t detached, joinable;

static void *echo(void *arg) {
    int fd = (int)(long)arg;
    char buffer[MESSAGE];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0)
        if (send(fd, buffer, n, 0) != n)
            break;
    close(fd);
    return NULL;
}

// Answers each whole request and moves what is behind them to the front. False when nobody takes the answers.
static int answer_requests(int fd, char *buffer, size_t *have) {
    size_t done = 0, head;
    while ((head = head_length(buffer + done, *have - done)) > 0) {
        if (send(fd, HTTP_ANSWER, HTTP_ANSWER_LEN, 0) != HTTP_ANSWER_LEN)
            return 0;
        done += head;
    }
    *have -= done;
    memmove(buffer, buffer + done, *have);
    return 1;
}

static void *http(void *arg) {
    int fd = (int)(long)arg;
    char buffer[HEAD_MAX];
    size_t have = 0;
    ssize_t n;
    while (have < sizeof buffer && (n = recv(fd, buffer + have, sizeof buffer - have, 0)) > 0) {
        have += n;
        if (!answer_requests(fd, buffer, &have))
            break;
    }
    close(fd);
    return NULL;
}

static void *stream(void *arg) {
    static char block[BLOCK];
    int fd = (int)(long)arg;
    char byte;
    if (recv(fd, &byte, 1, 0) == 1)
        while (send(fd, block, sizeof block, 0) == sizeof block)
            ;
    close(fd);
    return NULL;
}

struct job {
    int fd, sent;
    unsigned char data[MESSAGE];
};

static void *handle(void *arg) {
    static struct {
        pthread_mutex_t lock;
        uint64_t sum;
    } table[LOCKS] = {[0 ... LOCKS - 1] = {.lock = PTHREAD_MUTEX_INITIALIZER}};
    struct job *job = arg;
    int slot = job->data[0] % LOCKS;

    pthread_mutex_lock(&table[slot].lock);
    for (int i = 0; i < MESSAGE; i++)
        table[slot].sum += job->data[i];
    pthread_mutex_unlock(&table[slot].lock);
    job->sent = send(job->fd, job->data, MESSAGE, 0) == MESSAGE;
    return NULL;
}

static void *request(void *arg) {
    struct job job = {.fd = (int)(long)arg, .sent = 1};
    while (job.sent && recv(job.fd, job.data, MESSAGE, MSG_WAITALL) == MESSAGE) {
        pthread_t thread;
        if ((errno = pthread_create(&thread, &joinable, handle, &job)) != 0)
            die("pthread_create");
        pthread_join(thread, NULL);
    }
    close(job.fd);
    return NULL;
}

static const struct {
    const char *name;
    void *(*serve)(void *);
} services[] = {{"echo", echo}, {"http", http}, {"stream", stream}, {"request", request}};

int main(int argc, char **argv) {
    void *(*serve)(void *) = NULL;
    for (size_t i = 0; argc == 2 && i < sizeof services / sizeof *services; i++)
        if (strcmp(argv[1], services[i].name) == 0)
            serve = services[i].serve;
    if (!serve) {
        fprintf(stderr, "usage: threads echo|http|stream|request\n");
        return 2;
    }
    pthread_attr_init(&joinable);
    pthread_attr_setstacksize(&joinable, STACK_SIZE);
    detached = joinable;
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);

    int listener = start_listening();
    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            die("accept");
        send_at_once(fd);
        if ((errno = pthread_create(&thread, &detached, serve, (void *)(long)fd)) != 0)
            die("pthread_create");
    }
}
