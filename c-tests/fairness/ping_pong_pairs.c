// Fifty pairs play ping-pong over socketpairs; beside them one sleeps, one computes, one yields; everyone gets through.
#include "../sockets/net.h"
#include <sched.h>
enum { PAIRS = 50, ROUNDS = 200 };
static int table[PAIRS][2];

static void *player(void *arg) {
    long id = (long)arg / 2, side = (long)arg % 2, good = 0;
    int ball = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (side == 0) {
            ball = i;
            write_all(table[id][0], &ball, sizeof ball);
            read_full(table[id][0], &ball, sizeof ball);
            good += ball == i + 1;
        } else {
            read_full(table[id][1], &ball, sizeof ball);
            ball++;
            write_all(table[id][1], &ball, sizeof ball);
            good += ball == i + 1;
        }
    }
    return (void *)good;
}

static void *sleeper(void *unused) {
    for (int i = 0; i < 20; i++)
        usleep(500);
    return unused;
}

static void *computer(void *unused) {
    volatile unsigned long x = 1;
    for (int i = 0; i < 20000000; i++)
        x = x * 3 + 1;
    return unused;
}

static void *yielder(void *unused) {
    for (int i = 0; i < 5000; i++)
        sched_yield();
    return unused;
}

int main(void) {
    static pthread_t players[PAIRS * 2];
    long good = 0;
    for (long i = 0; i < PAIRS; i++)
        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, table[i]));
    pthread_t a = start(sleeper, NULL), b = start(computer, NULL), c = start(yielder, NULL);
    for (long i = 0; i < PAIRS * 2; i++)
        players[i] = start(player, (void *)i);
    for (int i = 0; i < PAIRS * 2; i++)
        good += finish(players[i]);
    finish(a);
    finish(b);
    finish(c);
    printf("right: %ld\n", good);
    return 0;
}
