// Two threads and main pass a counter round through three pipes.
#include "../sockets/net.h"
enum { ROUNDS = 1000 };
static int ring[3][2];

static void *station(void *arg) {
    long id = (long)arg, seen = 0;
    int value;
    while (read_full(ring[id][0], &value, sizeof value) == sizeof value) {
        seen++;
        value++;
        write_all(ring[(id + 1) % 3][1], &value, sizeof value);
    }
    // The end is handed on too.
    close(ring[(id + 1) % 3][1]);
    return (void *)seen;
}

int main(void) {
    for (int i = 0; i < 3; i++)
        MUST(pipe(ring[i]));
    pthread_t one = start(station, (void *)1L), two = start(station, (void *)2L);
    int value = 0;
    for (int i = 0; i < ROUNDS; i++) {
        write_all(ring[1][1], &value, sizeof value);
        read_full(ring[0][0], &value, sizeof value);
    }
    close(ring[1][1]);
    long seen = finish(one);
    printf("counter %d, seen %ld", value, seen);
    printf(" and %ld", finish(two));
    printf(", end of the last pipe: %s\n", answer(read(ring[0][0], &value, sizeof value)));
    return 0;
}
