// One write of 1 MB into a pipe, and a writev, return the full count though the pipe holds 64 KB; the reader sees it all, then the end.
#include "../sockets/net.h"
#include <sys/uio.h>
enum { SIZE = 1 << 20 };
static int fd[2];
static unsigned char data[SIZE];

static void *writer(void *arg) {
    struct iovec parts[3] = {{data, 10}, {data + 10, SIZE - 1010}, {data + SIZE - 1000, 1000}};
    long n = arg ? writev(fd[1], parts, 3) : write(fd[1], data, SIZE);
    close(fd[1]);
    return (void *)n;
}

int main(void) {
    fill(data, SIZE, 8);
    for (long kind = 0; kind < 2; kind++) {
        unsigned char buffer[5000];
        long n, total = 0, wrong = 0;
        MUST(pipe(fd));
        pthread_t thread = start(writer, (void *)kind);
        while ((n = MUST(read(fd[0], buffer, sizeof buffer))) > 0) {
            for (long i = 0; i < n; i++)
                wrong += buffer[i] != byte_at(total + i, 8);
            total += n;
        }
        printf("%s returned %ld, read %ld, wrong %ld\n", kind ? "writev" : "write", finish(thread), total, wrong);
        close(fd[0]);
    }
    return 0;
}
