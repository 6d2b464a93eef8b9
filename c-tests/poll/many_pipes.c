// poll over 500 pipes while a thread writes to them in a scattered order: each byte is found where it was written.
#include "../sockets/net.h"
#include <poll.h>
#include <sys/resource.h>
enum { PIPES = 500 };
static int fd[PIPES][2], turn[2];

static void *writer(void *unused) {
    (void)unused;
    char token;
    for (int i = 0; i < PIPES; i++) {
        unsigned char byte = i & 0xff;
        MUST(write(fd[i * 211 % PIPES][1], &byte, 1));
        // Half the time one at a time, then as fast as it goes.
        if (i < PIPES / 2)
            MUST(read(turn[0], &token, 1));
    }
    return NULL;
}

int main(void) {
    static struct pollfd set[PIPES];
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    MUST(pipe(turn));
    for (int i = 0; i < PIPES; i++) {
        MUST(pipe(fd[i]));
        set[i] = (struct pollfd){.fd = fd[i][0], .events = POLLIN};
    }
    pthread_t thread = start(writer, NULL);
    int right = 0, counted_right = 1, singly = 0;
    for (int got = 0; got < PIPES;) {
        int ready = MUST(poll(set, PIPES, -1)), found = 0;
        if (got < PIPES / 2)
            singly += ready == 1;
        for (int i = 0; i < PIPES; i++)
            if (set[i].revents) {
                unsigned char byte;
                MUST(read(fd[i][0], &byte, 1));
                // Which write was it? The one for whose number this pipe stands.
                for (int n = 0; n < PIPES; n++)
                    if (n * 211 % PIPES == i)
                        right += byte == (n & 0xff) && set[i].revents == POLLIN;
                found++;
                if (got++ < PIPES / 2)
                    MUST(write(turn[1], "t", 1));
            }
        counted_right &= found == ready;
    }
    finish(thread);
    printf("right %d, counts right %d, one at a time %d\n", right, counted_right, singly);
    return 0;
}
