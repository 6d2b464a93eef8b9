// main sleeps and polls while threads are always ready; its sleeps end, and it stops them.
#include "../sockets/net.h"
#include <poll.h>
static volatile int stop;

static void *selfish(void *unused) {
    (void)unused;
    int fd[2];
    char byte = 'x';
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    while (!stop) {
        MUST(send(fd[1], &byte, 1, 0));
        MUST(recv(fd[0], &byte, 1, 0));
    }
    return NULL;
}

int main(void) {
    pthread_t busy[6];
    long begin = now_ms();
    for (int i = 0; i < 6; i++)
        busy[i] = start(selfish, NULL);
    for (int i = 0; i < 10; i++) {
        usleep(5000);
        poll(NULL, 0, 5);
    }
    long slept = now_ms() - begin;
    stop = 1;
    for (int i = 0; i < 6; i++)
        finish(busy[i]);
    printf("slept >= 100 ms: %s, < 5 s: %s\n", slept >= 100 ? "yes" : "no", slept < 5000 ? "yes" : "no");
    return 0;
}
