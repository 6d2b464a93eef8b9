// Three threads wait in accept; main shuts the listener down, and all three come back with EINVAL. So does a later accept.
#include "net.h"
enum { N = 3 };
static int door;

static void *acceptor(void *unused) {
    (void)unused;
    return (void *)(long)(accept(door, NULL, NULL) < 0 ? errno : 0);
}

int main(void) {
    pthread_t thread[N];
    for (int round = 0; round < 5; round++) {
        int ended = 0;
        door = listening(5);
        for (int i = 0; i < N; i++)
            thread[i] = start(acceptor, NULL);
        if (round) // in the first round they may not have got as far as accept
            usleep(20000);
        MUST(shutdown(door, SHUT_RDWR));
        for (int i = 0; i < N; i++)
            ended += finish(thread[i]) == EINVAL;
        printf("EINVAL: %d of %d, later: %s\n", ended, N, answer(accept(door, NULL, NULL)));
        close(door);
    }
    return 0;
}
