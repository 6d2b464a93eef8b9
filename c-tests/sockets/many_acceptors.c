// Eight threads accept on one listening socket: each of 200 connections is accepted exactly once.
#include "net.h"
enum { ACCEPTORS = 8, CONNECTIONS = 200 };
static int door;
static int seen[CONNECTIONS];

// Accepts until it meets a client that says "stop".
static void *acceptor(void *unused) {
    (void)unused;
    for (;;) {
        int fd = MUST(accept(door, NULL, NULL));
        int id = -2;
        if (read_full(fd, &id, sizeof id) != sizeof id)
            id = -2;
        if (id >= 0)
            __atomic_fetch_add(&seen[id], 1, __ATOMIC_RELAXED);
        write_all(fd, &id, sizeof id);
        close(fd);
        if (id < 0)
            return NULL;
    }
}

static long ask(int id) {
    int fd = connected(port_of(door)), back = -3;
    write_all(fd, &id, sizeof id);
    read_full(fd, &back, sizeof back);
    close(fd);
    return back == id;
}

static void *client(void *arg) { return (void *)ask((long)arg); }

int main(void) {
    pthread_t acceptors[ACCEPTORS], clients[CONNECTIONS];
    door = listening(256);
    for (int i = 0; i < ACCEPTORS; i++)
        acceptors[i] = start(acceptor, NULL);
    for (long i = 0; i < CONNECTIONS; i++)
        clients[i] = start(client, (void *)i);
    long answered = 0;
    for (int i = 0; i < CONNECTIONS; i++)
        answered += finish(clients[i]);
    for (int i = 0; i < ACCEPTORS; i++)
        ask(-1);
    for (int i = 0; i < ACCEPTORS; i++)
        finish(acceptors[i]);
    int once = 0;
    for (int i = 0; i < CONNECTIONS; i++)
        once += seen[i] == 1;
    printf("answered %ld, accepted once %d\n", answered, once);
    return 0;
}
