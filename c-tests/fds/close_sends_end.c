// close ends a connection at once for the other end, whoever has waited on the descriptor before, and with whatever.
#include "../fixture.h"
#include <poll.h>
#include <sys/select.h>

enum { ROUNDS = 40 };

static int ends[2];

static void *receiver(void *unused)
{
    char byte;
    struct timeval time = {0, 1000};
    (void)unused;
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    return box(recv(ends[0], &byte, 1, 0) == -1 && errno == EAGAIN);
}

static void *poller(void *unused)
{
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    (void)unused;
    return box(poll(&one, 1, 1) == 0);
}

static void *selector(void *unused)
{
    fd_set set;
    struct timeval time = {0, 1000};
    (void)unused;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return box(select(ends[0] + 1, &set, NULL, NULL, &time) == 0);
}

static void *peer(void *unused)
{
    char byte;
    (void)unused;
    return box(read(ends[1], &byte, 1));
}

// The other end has nothing to send and nobody to wait for: it asks just once.
static void *ends_at_once(void *unused)
{
    char byte;
    (void)unused;
    close(ends[0]);
    return box(recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0);
}

int main(void)
{
    void *(*const waits[])(void *) = {receiver, poller, selector};
    long waited = 0, ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
        (i % 2 ? tcp_pair : stream_pair)(ends);
        waited += unbox(join(start(waits[i % 3], NULL)));
        pthread_t other = start(peer, NULL);
        close(ends[0]);
        ended += join(other) == NULL;
        close(ends[1]);
    }
    printf("waited: %ld, ended: %ld\n", waited, ended);
    waited = ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
        stream_pair(ends);
        waited += unbox(join(start(waits[i % 3], NULL)));
        ended += unbox(join(start(ends_at_once, NULL)));
        close(ends[1]);
    }
    printf("waited: %ld, ended at once: %ld\n", waited, ended);
    return 0;
}
