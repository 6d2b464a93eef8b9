// A blocking send of 8 MB to a reader that takes its time returns the full count, and every byte is right.
#include "net.h"
enum { BIG = 8 << 20 };
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    unsigned char *got = malloc(BIG);
    size_t have = 0;
    long n;
    // Dawdle at the start, again in the middle.
    usleep(20000);
    while ((n = MUST(recv(fd[1], got + have, BIG - have < 100000 ? BIG - have : 100000, 0))) > 0) {
        have += n;
        if (have > BIG / 2 && have < BIG / 2 + 300000)
            usleep(5000);
    }
    printf("received %zu, wrong %zu\n", have, wrong_bytes(got, have, 9));
    free(got);
    return NULL;
}

int main(void) {
    unsigned char *data = malloc(BIG);
    fill(data, BIG, 9);
    for (int kind = 0; kind < 4; kind++) {
        if (kind % 2)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else
            tcp_pair(fd);
        pthread_t thread = start(reader, NULL);
        long n = kind < 2 ? send(fd[0], data, BIG, 0) : write(fd[0], data, BIG);
        close(fd[0]);
        finish(thread);
        printf("sent %ld\n", n);
        close(fd[1]);
    }
    return 0;
}
