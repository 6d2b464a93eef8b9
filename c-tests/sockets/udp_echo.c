// Four threads answer datagrams on one UDP socket; twenty clients each check their own echoes.
#include "net.h"
enum { SERVERS = 4, CLIENTS = 20, ROUNDS = 25 };
static int service;

static void *server(void *unused) {
    (void)unused;
    char buffer[256];
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        long n = MUST(recvfrom(service, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &size));
        if (n == 0)
            return NULL;
        MUST(sendto(service, buffer, n, 0, (struct sockaddr *)&from, size));
    }
}

static void *client(void *arg) {
    long id = (long)arg, good = 0;
    int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in to = loopback(port_of(service));
    unsigned char out[100], in[100];
    MUST(connect(fd, (struct sockaddr *)&to, sizeof to));
    for (int round = 0; round < ROUNDS; round++) {
        fill(out, sizeof out, id * ROUNDS + round);
        MUST(send(fd, out, 50 + round, 0));
        good += recv(fd, in, sizeof in, 0) == 50 + round && !wrong_bytes(in, 50 + round, id * ROUNDS + round);
    }
    close(fd);
    return (void *)good;
}

int main(void) {
    pthread_t servers[SERVERS], clients[CLIENTS];
    service = bound(SOCK_DGRAM);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = start(server, NULL);
    for (long i = 0; i < CLIENTS; i++)
        clients[i] = start(client, (void *)i);
    long good = 0;
    for (int i = 0; i < CLIENTS; i++)
        good += finish(clients[i]);
    // An empty datagram each sends the servers home.
    struct sockaddr_in to = loopback(port_of(service));
    for (int i = 0; i < SERVERS; i++)
        MUST(sendto(service, "", 0, 0, (struct sockaddr *)&to, sizeof to));
    for (int i = 0; i < SERVERS; i++)
        finish(servers[i]);
    printf("right echoes: %ld\n", good);
    return 0;
}
