// Threads of two processes meet at a shared barrier, round after round: nobody passes early, one in each round is the serial one.
#include "shared.h"

enum { N = 3, ROUNDS = 30 };
static struct {
    pthread_barrier_t barrier;
    long came, early, serial;
} *shared;

static void *meets(void *number)
{
    for (int round = 1; round <= ROUNDS; round++) {
        __atomic_add_fetch(&shared->came, 1, __ATOMIC_SEQ_CST);
        if (round % 6 == unbox(number))
            usleep(500);
        int result = pthread_barrier_wait(&shared->barrier);
        if (__atomic_load_n(&shared->came, __ATOMIC_SEQ_CST) < round * 2 * N)
            __atomic_add_fetch(&shared->early, 1, __ATOMIC_SEQ_CST);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&shared->serial, 1, __ATOMIC_SEQ_CST);
        else
            zero(result);
    }
    return NULL;
}

static void run(long process)
{
    run_threads(process, N, meets);
}

int main(void)
{
    pthread_barrierattr_t attributes;
    shared = shared_memory(sizeof *shared);
    zero(pthread_barrierattr_init(&attributes));
    zero(pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    zero(pthread_barrier_init(&shared->barrier, &attributes, 2 * N));
    in_two_processes(run);
    printf("came: %ld, early: %ld, serial: %ld\n", shared->came, shared->early, shared->serial);
    printf("destroy: %s\n", error_name(pthread_barrier_destroy(&shared->barrier)));
    return 0;
}
