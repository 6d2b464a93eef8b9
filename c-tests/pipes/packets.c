// A pipe with O_DIRECT keeps packets apart: each write is one, and so is a writev of many buffers.
#include "../sockets/net.h"
#include <sys/uio.h>
enum { PARTS = 20 };
static int ends[2];

static void *reader(void *unused) {
    char buffer[100];
    printf("one writev: %s\n", answer(read(ends[0], buffer, sizeof buffer)));
    printf("write of 2: %s\n", answer(read(ends[0], buffer, sizeof buffer)));
    printf("write of 3: %s\n", answer(read(ends[0], buffer, sizeof buffer)));
    // What does not fit is lost.
    printf("one byte of 4: %s\n", answer(read(ends[0], buffer, 1)));
    struct iovec half[2] = {{buffer, 10}, {buffer + 50, 50}};
    printf("another writev: %s, ", answer(readv(ends[0], half, 2)));
    printf("in order: %s\n", buffer[9] == 'j' && buffer[50] == 'k' ? "yes" : "no");
    printf("end: %s\n", answer(read(ends[0], buffer, sizeof buffer)));
    return unused;
}

static void *writer(void *unused) {
    char letters[PARTS];
    struct iovec part[PARTS];
    for (int i = 0; i < PARTS; i++) {
        letters[i] = 'a' + i;
        part[i] = (struct iovec){letters + i, 1};
    }
    printf("writev: %s\n", answer(writev(ends[1], part, PARTS)));
    MUST(write(ends[1], "AB", 2));
    MUST(write(ends[1], "CDE", 3));
    MUST(write(ends[1], "FGHI", 4));
    MUST(writev(ends[1], part, PARTS));
    return unused;
}

int main(void) {
    // All packets are there before they are read.
    MUST(pipe2(ends, O_DIRECT));
    finish(start(writer, NULL));
    close(ends[1]);
    finish(start(reader, NULL));
    close(ends[0]);
    return 0;
}
