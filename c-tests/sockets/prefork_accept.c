// A preforking server: four processes, each with threads that accept on the listener they inherited. Every connection is accepted
// once, also those that the client resets at once, and no accept fails until the listener is shut down.
#include "net.h"
#include <sys/wait.h>
enum { PROCESSES = 4, THREADS = 2, CONNECTIONS = 200, BATCH = 20 };
static int door, report[2];

// Accepts until it cannot. Returns whether that was for another reason than the shutdown.
static void *server(void *unused) {
    (void)unused;
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0)
            return (void *)(long)(errno != EINVAL);
        close(fd);
        write_all(report[1], "a", 1);
    }
}

static int serve(void) {
    pthread_t thread[THREADS];
    int bad = 0;
    for (int i = 0; i < THREADS; i++)
        thread[i] = start(server, NULL);
    for (int i = 0; i < THREADS; i++)
        bad += finish(thread[i]);
    return bad;
}

int main(void) {
    pid_t child[PROCESSES];
    int bad = 0, status, accepted = 0;
    char bytes[BATCH];
    door = listening(100);
    MUST(pipe(report));
    for (int i = 0; i < PROCESSES; i++) {
        child[i] = MUST(fork());
        if (child[i] == 0)
            exit(serve());
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = connected(port_of(door));
        struct linger now = {i % 2, 0}; // every other one is reset
        MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
        close(fd);
        if (i % BATCH == BATCH - 1) // so the backlog never fills up, and the servers wait again and again
            accepted += read_full(report[0], bytes, BATCH);
    }
    MUST(shutdown(door, SHUT_RDWR));
    for (int i = 0; i < PROCESSES; i++) {
        MUST(waitpid(child[i], &status, 0));
        bad += WIFEXITED(status) ? WEXITSTATUS(status) : 100;
    }
    close(report[1]);
    printf("accepted: %d, more than connected: %s\n", accepted, read(report[0], bytes, 1) == 0 ? "no" : "yes");
    printf("spurious errors: %d\n", bad);
    return 0;
}
