// A named pipe between two threads: 300 KB through it, then the end when the last writer has closed it.
#include "../sockets/net.h"
#include <sys/stat.h>
enum { SIZE = 300000 };

static void *writer(void *arg) {
    unsigned char *data = malloc(SIZE);
    fill(data, SIZE, 2);
    write_all((int)(long)arg, data, SIZE);
    free(data);
    close((int)(long)arg);
    return NULL;
}

static void *reader(void *arg) {
    int fd = (int)(long)arg;
    unsigned char b[3000];
    long n, total = 0, wrong = 0;
    while ((n = MUST(read(fd, b, sizeof b))) > 0) {
        for (long i = 0; i < n; i++)
            wrong += b[i] != byte_at(total + i, 2);
        total += n;
    }
    printf("read %ld, wrong %ld\n", total, wrong);
    return NULL;
}

int main(void) {
    MUST(mkfifo("pipe", 0600));
    // O_RDWR never waits for a partner; the first fd only makes the other two opens immediate.
    int both = MUST(open("pipe", O_RDWR)), in = MUST(open("pipe", O_RDONLY)), out = MUST(open("pipe", O_WRONLY));
    close(both);
    pthread_t r = start(reader, (void *)(long)in), w = start(writer, (void *)(long)out);
    finish(r);
    finish(w);
    unlink("pipe");
    return 0;
}
