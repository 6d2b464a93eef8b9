// Hundreds of connections whose requests come at the same moment, each as long as the read that waits for it: no read tells whether
// there's more. After many rounds two and three come at once, some connections stay silent meanwhile, one thread computes; all are
// answered, and the ends are seen.
// fds: 700
#include "net.h"
enum { MANY = 220, SIZE = 64, ROUNDS = 60 };

static int near[MANY], far[MANY];
static int stop;

// Answers each request in kind. How many there were, at the end.
static void *server(void *arg) {
    int fd = near[(long)arg];
    char request[SIZE];
    long served = 0;
    for (;;) {
        ssize_t n = MUST(recv(fd, request, SIZE, MSG_WAITALL));
        if (n == 0)
            return (void *)served;
        served += n == SIZE;
        if (MUST(send(fd, request, n, 0)) != n)
            return (void *)-1;
    }
}

static void *plain_server(void *arg) {
    int fd = near[(long)arg];
    char request[SIZE];
    long served = 0, n;
    while ((n = MUST(recv(fd, request, SIZE, 0))) > 0) {
        served += n;
        MUST(send(fd, request, n, 0));
    }
    return (void *)(served / SIZE);
}

static void *computes(void *unused) {
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
    }
    return unused;
}

// Each `step`th connection asks so often at once; how many bytes of the answers are right.
static long ask_all(int step, int times, char what) {
    char text[SIZE * 4], got[SIZE * 4];
    long right = 0;
    memset(text, what, sizeof text);
    for (int i = 0; i < MANY; i += step)
        MUST(send(far[i], text, SIZE * times, 0));
    for (int i = 0; i < MANY; i += step) {
        for (int have = 0; have < SIZE * times;) {
            ssize_t n = MUST(recv(far[i], got, SIZE * times - have, 0));
            if (n == 0)
                return -1;
            for (int k = 0; k < n; k++)
                right += got[k] == what;
            have += n;
        }
    }
    return right;
}

static long rounds(int step, int count) {
    long right = 0;
    for (int i = 0; i < count; i++)
        right += ask_all(step, 1, 'a' + i % 26);
    return right;
}

int main(void) {
    pthread_t servers[MANY];
    // The first thread, before there are connections.
    pthread_t hog = start(computes, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    finish(hog);
    for (long i = 0; i < MANY; i++) {
        int pair[2];
        if (i % 8 == 7)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        else
            tcp_pair(pair);
        near[i] = pair[1];
        far[i] = pair[0];
        servers[i] = start(i % 4 == 3 ? server : plain_server, (void *)i);
    }
    printf("one at a time: %ld\n", rounds(1, ROUNDS));
    printf("two: %ld\n", ask_all(1, 2, 'x'));
    printf("some: %ld\n", rounds(3, ROUNDS));
    printf("two, three: %ld %ld\n", ask_all(1, 2, 'x'), ask_all(2, 3, 'y'));
    printf("all: %ld\n", rounds(1, 3 * ROUNDS));
    stop = 0;
    hog = start(computes, NULL);
    printf("beside one that computes: two %ld, then %ld\n", ask_all(1, 2, 'z'), rounds(1, 3));
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    finish(hog);
    long served = 0;
    for (int i = 0; i < MANY; i++)
        MUST(i % 2 ? shutdown(far[i], SHUT_WR) : close(far[i]));
    for (int i = 0; i < MANY; i++)
        served += finish(servers[i]);
    printf("served %ld\n", served);
    return 0;
}
