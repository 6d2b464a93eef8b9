// Twenty threads that are always ready; none stops before every one of them has done its rounds.
#include "../sockets/net.h"
enum { THREADS = 20, ROUNDS = 2000 };
static volatile long done;

static void *pair(void *unused) {
    (void)unused;
    int fd[2], value;
    long wrong = 0;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
    for (int i = 0; i < ROUNDS || done < THREADS; i++) {
        MUST(write(fd[0], &i, sizeof i));
        MUST(read(fd[1], &value, sizeof value));
        wrong += value != i;
        if (i == ROUNDS - 1)
            __sync_fetch_and_add(&done, 1);
    }
    close(fd[0]);
    close(fd[1]);
    return (void *)wrong;
}

int main(void) {
    pthread_t threads[THREADS];
    long wrong = 0;
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(pair, NULL);
    for (int i = 0; i < THREADS; i++)
        wrong += finish(threads[i]);
    printf("done: %ld, wrong %ld\n", done, wrong);
    return 0;
}
