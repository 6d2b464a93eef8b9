// The end of a pipe wakes its readers; the loss of its readers gives the writer EPIPE, also in the middle of a write.
#include "../sockets/net.h"
#include <signal.h>
static int fd[2];

static void *reader(void *unused) {
    (void)unused;
    char b[8];
    return (void *)(long)read(fd[0], b, sizeof b);
}

static void *writer(void *unused) {
    (void)unused;
    static char big[1 << 20];
    long n = write(fd[1], big, sizeof big);
    printf("reader left in the middle: %s", n > 0 && n < (long)sizeof big ? "a part" : answer(n));
    printf(", then %s\n", answer(write(fd[1], big, 1)));
    return NULL;
}

int main(void) {
    pthread_t readers[4];
    signal(SIGPIPE, SIG_IGN);
    MUST(pipe(fd));
    for (int i = 0; i < 4; i++)
        readers[i] = start(reader, NULL);
    usleep(1000);
    close(fd[1]);
    long zeros = 0;
    for (int i = 0; i < 4; i++)
        zeros += finish(readers[i]) == 0;
    printf("readers that saw the end: %ld\n", zeros);
    close(fd[0]);

    MUST(pipe(fd));
    pthread_t thread = start(writer, NULL);
    char b[100];
    read_full(fd[0], b, sizeof b);
    close(fd[0]);
    finish(thread);
    return 0;
}
