// Forty threads hash for some milliseconds, three rounds with a barrier between; each starts a round from what its neighbour got in
// the last, so that one wrong number spoils the sum.
#include "hog.h"

enum { THREADS = 40, ROUNDS = 3, STEPS = 500000 };
static pthread_barrier_t barrier;
static uint64_t results[ROUNDS + 1][THREADS];

static void *hasher(void *arg)
{
    long number = unbox(arg), last = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t hash = results[round][(number + 1) % THREADS] + number;
        for (int i = 0; i < STEPS; i++)
            hash = mix(hash);
        results[round + 1][number] = hash;
        last += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    }
    return box(last);
}

int main(void)
{
    pthread_t threads[THREADS];
    uint64_t sum = 0;
    long last = 0;

    zero(pthread_barrier_init(&barrier, NULL, THREADS));
    for (int i = 0; i < THREADS; i++)
        results[0][i] = i * 1000003;
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(hasher, box(i));
    for (int i = 0; i < THREADS; i++)
        last += unbox(join(threads[i]));
    for (int i = 0; i < THREADS; i++)
        sum += results[ROUNDS][i];
    printf("rounds: %ld; sum: %016llx\n", last, (unsigned long long)sum);
    return 0;
}
