// A mutex held across a blocking exchange on a socket: what programs do that share one connection.
#include "fixture.h"

enum { CLIENTS = 12, CALLS = 20, SIZE = 40000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // protects the connection
static int ends[2];

// Sends back each message with every byte increased.
static void *server(void *arg)
{
    static unsigned char message[SIZE];
    while (read_all(ends[1], message, SIZE) == SIZE) {
        for (int i = 0; i < SIZE; i++)
            message[i]++;
        write_all(ends[1], message, SIZE);
    }
    return arg;
}

static void *client(void *arg)
{
    unsigned char *message = malloc(SIZE);
    long right = 0;
    for (int call = 0; call < CALLS; call++) {
        unsigned char fill = unbox(arg) * 16 + call;
        memset(message, fill, SIZE);
        zero(pthread_mutex_lock(&lock));
        write_all(ends[0], message, SIZE); // more than the socket takes at once
        read_all(ends[0], message, SIZE);
        zero(pthread_mutex_unlock(&lock));
        fill++;
        right += message[0] == fill && memcmp(message, message + 1, SIZE - 1) == 0;
    }
    free(message);
    return box(right);
}

int main(void)
{
    pthread_t threads[CLIENTS], serving;
    long right = 0;
    int small = 8192;

    stream_pair(ends);
    must(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small));
    serving = start(server, box(9));
    for (long i = 0; i < CLIENTS; i++)
        threads[i] = start(client, box(i));
    for (int i = 0; i < CLIENTS; i++)
        right += unbox(join(threads[i]));
    shutdown(ends[0], SHUT_WR);
    printf("right answers: %ld of %d\n", right, CLIENTS * CALLS);
    printf("server ended: %ld\n", unbox(join(serving)));
    return 0;
}
