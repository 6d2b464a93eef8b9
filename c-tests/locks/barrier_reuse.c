// The serial thread destroys the barrier, overwrites it and makes a new one as soon as it comes back from the wait, while the
// others are still leaving it. A barrier for one never waits.
#include "fixture.h"
#include <limits.h>

enum { N = 10, ROUNDS = 60 };
static pthread_barrier_t barriers[2];
static int serial;

static void *thread(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_t *barrier = &barriers[round % 2];
        int result = pthread_barrier_wait(barrier);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD) {
            zero(pthread_barrier_destroy(barrier));
            memset(barrier, 0xee, sizeof *barrier);
            zero(pthread_barrier_init(barrier, NULL, N));
            serial++; // the other barrier keeps the next serial thread away
        } else {
            zero(result);
        }
        if ((round + unbox(arg)) % 7 == 0)
            usleep(200);
    }
    return NULL;
}

static void *alone(void *unused)
{
    pthread_barrier_t barrier;
    zero(pthread_barrier_init(&barrier, NULL, 1));
    for (int i = 0; i < 3; i++)
        printf("alone: serial: %s\n", yes(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD));
    printf("destroy: %s\n", error_name(pthread_barrier_destroy(&barrier)));
    printf("for nobody: %s", error_name(pthread_barrier_init(&barrier, NULL, 0)));
    printf(", for too many: %s\n", error_name(pthread_barrier_init(&barrier, NULL, UINT_MAX)));
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    zero(pthread_barrier_init(&barriers[0], NULL, N));
    zero(pthread_barrier_init(&barriers[1], NULL, N));
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("rounds: %d, serial: %d\n", ROUNDS, serial);
    join(start(alone, NULL));
    alone(NULL);
    return 0;
}
