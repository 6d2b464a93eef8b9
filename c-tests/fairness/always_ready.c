// A thread that talks to itself over a socketpair never has to wait; still another, which needs pipes and sleeps to
// get anywhere, gets its turns and at last tells it to stop.
#include "../sockets/net.h"
static volatile int stop;
static int ring[2][2];

static void *selfish(void *arg) {
    int fd[2];
    char byte = 'x';
    long rounds = 0;
    if (arg)
        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    else
        MUST(pipe(fd));
    while (!stop) {
        MUST(write(fd[1], &byte, 1));
        MUST(read(fd[0], &byte, 1));
        rounds++;
    }
    return (void *)(long)(rounds > 0);
}

// The partner of the modest one.
static void *partner(void *unused) {
    (void)unused;
    char byte;
    while (read(ring[0][0], &byte, 1) == 1)
        MUST(write(ring[1][1], &byte, 1));
    return NULL;
}

static void *modest(void *unused) {
    (void)unused;
    char byte = 'm';
    for (int i = 0; i < 50; i++) {
        MUST(write(ring[0][1], &byte, 1));
        MUST(read(ring[1][0], &byte, 1));
        if (i % 5 == 0)
            usleep(1000);
    }
    stop = 1;
    close(ring[0][1]);
    return NULL;
}

int main(void) {
    pthread_t busy[4];
    long begin = now_ms(), ran = 0;
    MUST(pipe(ring[0]));
    MUST(pipe(ring[1]));
    for (long i = 0; i < 4; i++)
        busy[i] = start(selfish, (void *)(i % 2));
    pthread_t p = start(partner, NULL), m = start(modest, NULL);
    finish(m);
    finish(p);
    for (int i = 0; i < 4; i++)
        ran += finish(busy[i]);
    printf("all came to an end; busy ones that ran: %ld; in less than 8 s: %s\n", ran, now_ms() - begin < 8000 ? "yes" : "no");
    return 0;
}
