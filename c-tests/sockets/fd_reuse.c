// The same fd number is closed and opened again 2,000 times, as socket or pipe, and handed to a thread that waits on it.
#include "net.h"
enum { ROUNDS = 2000 };
static int box[2];

// Gets an fd, reads its message, closes it, and says what it read.
static void *reader(void *unused) {
    (void)unused;
    int fd;
    while (read_full(box[1], &fd, sizeof fd) == sizeof fd) {
        int value = -1;
        if (read_full(fd, &value, sizeof value) != sizeof value)
            value = -2;
        close(fd);
        write_all(box[1], &value, sizeof value);
    }
    return NULL;
}

int main(void) {
    int good = 0, same = 0, first = -1;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, box));
    pthread_t thread = start(reader, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        int fd[2], value = i * 7, back;
        if (i % 3 == 0)
            MUST(pipe(fd));
        else if (i % 3 == 1)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else
            tcp_pair(fd);
        if (first < 0)
            first = fd[0];
        int low = fd[0] < fd[1] ? fd[0] : fd[1];
        same += low == first;
        // Read from the end with the low number where either will do.
        int from = i % 3 ? low : fd[0], to = fd[0] + fd[1] - from;
        write_all(box[0], &from, sizeof from);
        if (i % 4 == 0)
            sched_yield();
        write_all(to, &value, sizeof value);
        read_full(box[0], &back, sizeof back);
        good += back == value;
        close(to);
    }
    close(box[0]);
    finish(thread);
    printf("right %d, same number %d\n", good, same);
    return 0;
}
