// Two threads read from one socket: together they get every byte once, and both see the end.
#include "net.h"
enum { TOTAL = 200000 };
static int fd[2];

struct reader {
    pthread_t thread;
    long bytes;
    long sum[256];
    int ended;
};

static void *reader(void *arg) {
    struct reader *self = arg;
    unsigned char buffer[777];
    long n;
    while ((n = MUST(recv(fd[1], buffer, sizeof buffer, 0))) > 0) {
        self->bytes += n;
        for (long i = 0; i < n; i++)
            self->sum[buffer[i]]++;
    }
    self->ended = 1;
    return NULL;
}

int main(void) {
    static unsigned char data[TOTAL];
    static struct reader readers[2];
    long expected[256] = {0};
    fill(data, sizeof data, 1);
    for (int i = 0; i < TOTAL; i++)
        expected[data[i]]++;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    for (int i = 0; i < 2; i++)
        readers[i].thread = start(reader, &readers[i]);
    for (int at = 0; at < TOTAL; at += 1000)
        write_all(fd[0], data + at, 1000);
    MUST(shutdown(fd[0], SHUT_WR));
    for (int i = 0; i < 2; i++)
        finish(readers[i].thread);
    int same = 0;
    for (int i = 0; i < 256; i++)
        same += readers[0].sum[i] + readers[1].sum[i] == expected[i];
    printf("bytes %ld, counts right %d, ends seen %d\n", readers[0].bytes + readers[1].bytes, same,
           readers[0].ended + readers[1].ended);
    return 0;
}
