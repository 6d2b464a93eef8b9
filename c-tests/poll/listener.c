// The accept loop of many servers: poll two listening sockets, accept where something came, hand over to a thread.
#include "../sockets/net.h"
#include <poll.h>
enum { CLIENTS = 60 };
static int doors[2];

static void *serve(void *arg) {
    int fd = (int)(long)arg;
    char b[8];
    size_t n = read_full(fd, b, 4);
    write_all(fd, b, n);
    close(fd);
    return NULL;
}

static void *client(void *arg) {
    long id = (long)arg;
    int fd = connected(port_of(doors[id % 2])), back = -1;
    write_all(fd, &(int){id}, sizeof(int));
    // Wait in poll for the answer, as careful clients do.
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready = MUST(poll(&p, 1, 10000));
    read_full(fd, &back, sizeof back);
    close(fd);
    return (void *)(long)(ready == 1 && back == id);
}

int main(void) {
    pthread_t clients[CLIENTS], servers[CLIENTS];
    int accepted[2] = {0, 0};
    doors[0] = listening(100);
    doors[1] = listening(100);
    for (long i = 0; i < CLIENTS; i++)
        clients[i] = start(client, (void *)i);
    for (int n = 0; n < CLIENTS;) {
        struct pollfd set[2] = {{doors[0], POLLIN, 0}, {doors[1], POLLIN, 0}};
        MUST(poll(set, 2, -1));
        for (int i = 0; i < 2; i++)
            if (set[i].revents & POLLIN) {
                servers[n++] = start(serve, (void *)MUST(accept(doors[i], NULL, NULL)));
                accepted[i]++;
            }
    }
    long good = 0;
    for (int i = 0; i < CLIENTS; i++) {
        finish(servers[i]);
        good += finish(clients[i]);
    }
    printf("accepted %d and %d, right answers %ld\n", accepted[0], accepted[1], good);
    return 0;
}
