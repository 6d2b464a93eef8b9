// Threads read and write what never waits: /dev/null, /dev/zero, and regular files, each at its own place.
#include "../sockets/net.h"
#include <sys/uio.h>
enum { WRITERS = 4, SIZE = 100000 };

static void *devices(void *unused) {
    (void)unused;
    char b[1000], sum = 0;
    int null = MUST(open("/dev/null", O_RDWR)), zero = MUST(open("/dev/zero", O_RDWR));
    printf("null: read %s", answer(read(null, b, sizeof b)));
    printf(", write %s\n", answer(write(null, b, sizeof b)));
    memset(b, 1, sizeof b);
    printf("zero: read %s", answer(read(zero, b, sizeof b)));
    for (size_t i = 0; i < sizeof b; i++)
        sum |= b[i];
    printf(", all zero: %s\n", sum ? "no" : "yes");
    close(null);
    close(zero);
    return NULL;
}

static void *writer(void *arg) {
    char name[16];
    unsigned char data[SIZE];
    snprintf(name, sizeof name, "file-%ld", (long)arg);
    int fd = MUST(open(name, O_CREAT | O_RDWR, 0600));
    fill(data, SIZE, (long)arg);
    struct iovec parts[2] = {{data, 1000}, {data + 1000, 9000}};
    MUST(writev(fd, parts, 2));
    write_all(fd, data + 10000, SIZE - 10000);
    MUST(lseek(fd, 0, SEEK_SET));
    memset(data, 0, SIZE);
    long n = read(fd, data, SIZE), end = read(fd, data, 1);
    MUST(pread(fd, data, SIZE, 0));
    close(fd);
    return (void *)(n == SIZE && end == 0 && wrong_bytes(data, SIZE, (long)arg) == 0 ? 1L : 0L);
}

int main(void) {
    pthread_t threads[WRITERS];
    finish(start(devices, NULL));
    for (long i = 0; i < WRITERS; i++)
        threads[i] = start(writer, (void *)i);
    long good = 0;
    for (int i = 0; i < WRITERS; i++)
        good += finish(threads[i]);
    printf("files right: %ld\n", good);
    return 0;
}
