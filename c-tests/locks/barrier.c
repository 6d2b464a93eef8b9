// Barriers: nobody passes before all have come, and exactly one is told that it is the serial one.
#include "fixture.h"
#include <stdatomic.h>

enum { N = 12, ROUNDS = 50 };
static pthread_barrier_t barrier;
static atomic_int came, early, serial;

static void *thread(void *arg)
{
    for (int round = 1; round <= ROUNDS; round++) {
        atomic_fetch_add(&came, 1);
        if (round % 10 == unbox(arg) % 10)
            usleep(300);
        int result = pthread_barrier_wait(&barrier);
        if (atomic_load(&came) < round * N)
            early++;
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            serial++;
        else if (result != 0)
            printf("barrier_wait: %s\n", error_name(result));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    printf("for nobody: %s\n", error_name(pthread_barrier_init(&barrier, NULL, 0)));
    zero(pthread_barrier_init(&barrier, NULL, N));
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("came: %d, passed early: %d, serial: %d\n", came, early, serial);
    printf("destroy: %s\n", error_name(pthread_barrier_destroy(&barrier)));
    return 0;
}
