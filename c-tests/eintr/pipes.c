// read, write, readv and writev on pipes that are empty or full.
#include "../fixture.h"
#include "eintr.h"
#include <sys/uio.h>

enum { SIZE = 300 * 1000 };

static void *writer(void *arg)
{
    static const char text[1000] = {[0] = 'a', [999] = 'z'};
    int fd = unbox(arg);
    for (int i = 0; i < SIZE / 1000; i++) {
        struct iovec pieces[2] = {{(void *)text, 400}, {(void *)(text + 400), 600}};
        // A thousand bytes go into a pipe as one, or not at all.
        if (i % 2)
            go_on(writev(fd, pieces, 2));
        else
            go_on(write(fd, text, sizeof text));
        if (i % 50 == 0)
            pause_ms(3);
    }
    close(fd);
    return NULL;
}

static void *reader(void *arg)
{
    int fd = unbox(arg);
    long total = 0, marks = 0;
    char buffer[3000];
    for (int i = 0;; i++) {
        struct iovec pieces[2] = {{buffer, 100}, {buffer + 100, sizeof buffer - 100}};
        ssize_t got = i % 2 ? go_on(readv(fd, pieces, 2)) : go_on(read(fd, buffer, sizeof buffer));
        if (got == 0)
            break;
        for (ssize_t at = 0; at < got; at++)
            marks += buffer[at] == 'a' || buffer[at] == 'z';
        total += got;
        if (i % 40 == 0)
            pause_ms(3);
    }
    close(fd);
    printf("%ld bytes, %ld marks\n", total, marks);
    return NULL;
}

int main(void)
{
    both_ways(writer, reader);
    return 0;
}
