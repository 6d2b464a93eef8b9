// An echo server with a thread per connection, and a thousand clients that are threads too.
#include "net.h"
#include <sys/resource.h>
enum { CLIENTS = 1000, MESSAGE = 700, ROUNDS = 3 };
static int port;
static pthread_attr_t small;

static void *serve(void *arg) {
    int fd = (int)(long)arg;
    char buffer[512];
    long n, total = 0;
    while ((n = MUST(recv(fd, buffer, sizeof buffer, 0))) > 0) {
        write_all(fd, buffer, n);
        total += n;
    }
    close(fd);
    return (void *)total;
}

static void *client(void *arg) {
    unsigned id = (long)arg;
    unsigned char out[MESSAGE], in[MESSAGE];
    long good = 0;
    int fd = connected(port);
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(out, sizeof out, id * ROUNDS + round);
        write_all(fd, out, sizeof out);
        if (read_full(fd, in, sizeof in) == sizeof in)
            good += sizeof in - wrong_bytes(in, sizeof in, id * ROUNDS + round);
    }
    shutdown(fd, SHUT_WR);
    char more;
    good += MUST(read(fd, &more, 1));
    close(fd);
    return (void *)good;
}

static pthread_t start_small(void *(*run)(void *), long arg) {
    pthread_t thread;
    errno = pthread_create(&thread, &small, run, (void *)arg);
    MUST(errno ? -1 : 0);
    return thread;
}

int main(void) {
    static pthread_t servers[CLIENTS], clients[CLIENTS];
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 * 1024);

    int door = listening(1024);
    port = port_of(door);
    for (long i = 0; i < CLIENTS; i++)
        clients[i] = start_small(client, i);
    for (long i = 0; i < CLIENTS; i++)
        servers[i] = start_small(serve, MUST(accept(door, NULL, NULL)));
    long echoed = 0, good = 0;
    for (int i = 0; i < CLIENTS; i++) {
        good += finish(clients[i]);
        echoed += finish(servers[i]);
    }
    printf("echoed %ld, right %ld\n", echoed, good);
    return 0;
}
