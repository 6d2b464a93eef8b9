// MSG_WAITALL with SO_RCVTIMEO: when time runs out, what has come so far is the answer; nothing at all is EAGAIN.
#include "net.h"
static void *reader(void *arg) {
    int fd = (int)(long)arg;
    char data[1000];
    struct timeval t = {0, 50000};
    MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    long begin = now_ms();
    printf("asked 1000, 10 there: %s", answer(recv(fd, data, 1000, MSG_WAITALL)));
    printf(", elapsed >= 49ms: %s\n", now_ms() - begin >= 49 ? "yes" : "no");
    printf("asked 1000, none there: %s\n", answer(recv(fd, data, 1000, MSG_WAITALL)));
    return NULL;
}

int main(void) {
    int fd[2];
    tcp_pair(fd);
    write_all(fd[1], "0123456789", 10);
    finish(start(reader, (void *)(long)fd[0]));
    return 0;
}
