// Writes of up to PIPE_BUF bytes are atomic: records of several writer threads in one full pipe are not mixed.
#include "../sockets/net.h"
#include <limits.h>
enum { WRITERS = 6, RECORDS = 100 };
static int fd[2];

static void *writer(void *arg) {
    unsigned char record[PIPE_BUF];
    for (int i = 0; i < RECORDS; i++) {
        // Length, then the writer's letter all through.
        short size = 3 + (i * 397) % (PIPE_BUF - 3);
        memcpy(record, &size, 2);
        memset(record + 2, 'a' + (int)(long)arg, size - 2);
        if (write(fd[1], record, size) != size)
            return (void *)1L;
    }
    return NULL;
}

int main(void) {
    pthread_t threads[WRITERS];
    int counts[WRITERS] = {0}, mixed = 0;
    MUST(pipe(fd));
    for (long i = 0; i < WRITERS; i++)
        threads[i] = start(writer, (void *)i);
    for (int i = 0; i < WRITERS * RECORDS; i++) {
        unsigned char record[PIPE_BUF];
        short size = 0;
        read_full(fd[0], &size, 2);
        read_full(fd[0], record, size - 2);
        for (int at = 1; at < size - 2; at++)
            mixed += record[at] != record[0];
        if (record[0] >= 'a' && record[0] < 'a' + WRITERS)
            counts[record[0] - 'a']++;
    }
    long partial = 0;
    for (int i = 0; i < WRITERS; i++) {
        partial += finish(threads[i]);
        printf("%c: %d records\n", 'a' + i, counts[i]);
    }
    printf("mixed %d, partial %ld\n", mixed, partial);
    return 0;
}
