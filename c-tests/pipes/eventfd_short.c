// Fewer than eight bytes from or to an eventfd are EINVAL at once, whether there is a count or not.
#include "../sockets/net.h"
#include <sys/eventfd.h>

static void *worker(void *unused) {
    int fd = MUST(eventfd(0, 0));
    uint64_t value = 7, top = UINT64_MAX;
    printf("read 4, no count: %s\n", answer(read(fd, &value, 4)));
    printf("read 0, no count: %s\n", answer(read(fd, &value, 0)));
    printf("write 4: %s\n", answer(write(fd, &value, 4)));
    printf("write the one too large: %s\n", answer(write(fd, &top, 8)));
    printf("write 8: %s\n", answer(write(fd, &value, 8)));
    printf("read 4: %s\n", answer(read(fd, &value, 4)));
    value = 0;
    printf("read 8: %s\n", answer(read(fd, &value, 8)));
    printf("value: %d\n", (int)value);
    close(fd);
    return unused;
}

int main(void) {
    finish(start(worker, NULL));
    return 0;
}
