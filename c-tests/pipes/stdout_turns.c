// Threads write to standard output and standard error by write(), each in its turn, handed round by pipes; and by stdio.
#include "../sockets/net.h"
enum { THREADS = 5, ROUNDS = 4 };
static int turn[THREADS + 1][2];

static void *speaker(void *arg) {
    long id = (long)arg;
    char token, line[64];
    for (int i = 0; i < ROUNDS; i++) {
        MUST(read(turn[id][0], &token, 1));
        int n = snprintf(line, sizeof line, "round %d, thread %ld, by write\n", i, id);
        MUST(write(1, line, n));
        MUST(write(2, line, n));
        printf("round %d, thread %ld, by printf\n", i, id);
        fflush(stdout);
        MUST(write(turn[id + 1][1], &token, 1));
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    char token = 't';
    for (int i = 0; i <= THREADS; i++)
        MUST(pipe(turn[i]));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(speaker, (void *)i);
    for (int i = 0; i < ROUNDS; i++) {
        MUST(write(turn[0][1], &token, 1));
        MUST(read(turn[THREADS][0], &token, 1));
    }
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    return 0;
}
