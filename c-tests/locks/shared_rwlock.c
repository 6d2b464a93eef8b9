// Threads of two processes share a read-write lock: readers of both are inside at once, writers alone.
#include "shared.h"

enum { READERS = 3, WRITERS = 2, STEPS = 40 };
static struct {
    pthread_rwlock_t lock;
    long inside, first, second, torn;
} *shared;

// Holds the lock until the readers of both processes do.
static void *meets(void *unused)
{
    zero(pthread_rwlock_rdlock(&shared->lock));
    __atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&shared->inside, __ATOMIC_SEQ_CST) < 2 * READERS)
        usleep(500);
    zero(pthread_rwlock_unlock(&shared->lock));
    return unused;
}

static void *works(void *number)
{
    int writes = unbox(number) % (READERS + WRITERS) < WRITERS;
    for (int step = 0; step < STEPS; step++) {
        struct timespec later = in_ms(CLOCK_REALTIME, 30000);
        if (writes) {
            zero(step % 2 ? pthread_rwlock_wrlock(&shared->lock) : pthread_rwlock_timedwrlock(&shared->lock, &later));
            shared->first++;
            if (step % 8 == 0)
                usleep(300);
            shared->second++;
        } else {
            zero(step % 2 ? pthread_rwlock_rdlock(&shared->lock) : pthread_rwlock_timedrdlock(&shared->lock, &later));
            if (shared->first != shared->second)
                __atomic_add_fetch(&shared->torn, 1, __ATOMIC_SEQ_CST);
        }
        zero(pthread_rwlock_unlock(&shared->lock));
        if (step % 4 == 0)
            usleep(100);
    }
    return NULL;
}

static void run(long process)
{
    run_threads(process, READERS, meets);
    run_threads(process, READERS + WRITERS, works);
}

int main(void)
{
    pthread_rwlockattr_t attributes;
    shared = shared_memory(sizeof *shared);
    zero(pthread_rwlockattr_init(&attributes));
    zero(pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    zero(pthread_rwlock_init(&shared->lock, &attributes));
    in_two_processes(run);
    printf("inside at once: %ld\n", shared->inside);
    printf("written: %ld %ld, torn: %ld\n", shared->first, shared->second, shared->torn);
    return 0;
}
