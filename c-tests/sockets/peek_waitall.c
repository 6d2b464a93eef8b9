// recv with MSG_PEEK and MSG_WAITALL waits until all bytes are there, however they come, and leaves them there.
#include "net.h"
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char buffer[7] = "";
    printf("peeked: %s", answer(recv(fd[1], buffer, 4, MSG_PEEK | MSG_WAITALL)));
    printf(" %s\n", buffer);
    printf("again: %s", answer(recv(fd[1], buffer, 6, MSG_PEEK | MSG_WAITALL)));
    printf(" %s\n", buffer);
    memset(buffer, 0, sizeof buffer);
    printf("taken: %s", answer(recv(fd[1], buffer, 6, MSG_WAITALL)));
    printf(" %s\n", buffer);
    // The stream ends before there is enough.
    memset(buffer, 0, sizeof buffer);
    printf("until the end: %s", answer(recv(fd[1], buffer, 6, MSG_PEEK | MSG_WAITALL)));
    printf(" %s\n", buffer);
    printf("still there: %s\n", answer(recv(fd[1], buffer, 6, MSG_WAITALL)));
    printf("end: %s\n", answer(recv(fd[1], buffer, 6, MSG_PEEK | MSG_WAITALL)));
    return NULL;
}

int main(void) {
    tcp_pair(fd);
    pthread_t thread = start(reader, NULL);
    for (int i = 0; i < 4; i++) {
        usleep(10000);
        write_all(fd[0], "abcdefgh" + 2 * i, 2);
    }
    usleep(10000);
    MUST(shutdown(fd[0], SHUT_WR));
    finish(thread);
    return 0;
}
