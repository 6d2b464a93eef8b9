// Many threads wait in poll on one eventfd and each on a pipe of its own; all see the shared one, each reads its own.
#include "../sockets/net.h"
#include <poll.h>
#include <sys/eventfd.h>
enum { THREADS = 50 };
static int all, own[THREADS][2];

static void *waiter(void *arg) {
    long id = (long)arg;
    struct pollfd set[2] = {{own[id][0], POLLIN, 0}, {all, POLLIN, 0}};
    int value = -1;
    while (!(set[0].revents & POLLIN))
        MUST(poll(set, 1, -1));
    read_full(own[id][0], &value, sizeof value);
    // Nothing takes from the shared one, so everybody sees it.
    while (!(set[1].revents & POLLIN))
        MUST(poll(set, 2, -1));
    return (void *)(long)(value == id * 3);
}

int main(void) {
    pthread_t threads[THREADS];
    all = MUST(eventfd(0, 0));
    for (long i = 0; i < THREADS; i++) {
        MUST(pipe(own[i]));
        threads[i] = start(waiter, (void *)i);
    }
    for (int i = THREADS - 1; i >= 0; i--)
        MUST(write(own[i][1], &(int){i * 3}, sizeof(int)));
    MUST(write(all, &(uint64_t){1}, sizeof(uint64_t)));
    long good = 0;
    for (int i = 0; i < THREADS; i++)
        good += finish(threads[i]);
    printf("woken and right: %ld\n", good);
    return 0;
}
