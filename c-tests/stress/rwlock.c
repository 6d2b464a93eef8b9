// Hundreds of threads on one read-write lock, one that prefers readers and one that prefers writers. No reader sees a torn state.
#include "crowd.h"

enum { THREADS = 200, STEPS = 1500 };
static pthread_rwlock_t lock;
static long first, second, readers, writers, writes, broken;

static void read_it(long step)
{
    int error = step % 5 == 0 ? pthread_rwlock_tryrdlock(&lock) : pthread_rwlock_rdlock(&lock);
    if (error == EBUSY)
        error = pthread_rwlock_rdlock(&lock);
    zero(error);
    count(&readers);
    long seen = first;
    if (step % 1000 == 0)
        sched_yield();
    if (counted(&writers) != 0 || seen != second)
        count(&broken);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    zero(pthread_rwlock_unlock(&lock));
}

static void write_it(long step)
{
    struct timespec until = in_ms(CLOCK_REALTIME, 30000);
    int error = step % 3 == 0 ? pthread_rwlock_trywrlock(&lock) : pthread_rwlock_timedwrlock(&lock, &until);
    if (error == EBUSY)
        error = pthread_rwlock_wrlock(&lock);
    zero(error);
    count(&writers);
    first++;
    if (step % 1000 == 0)
        sched_yield();
    second++;
    writes++;
    if (counted(&readers) != 0 || counted(&writers) != 1 || first != second)
        count(&broken);
    __atomic_sub_fetch(&writers, 1, __ATOMIC_SEQ_CST);
    zero(pthread_rwlock_unlock(&lock));
}

static void *run(void *arg)
{
    for (long i = 0; i < STEPS; i++) {
        if ((i + unbox(arg)) % 10 == 0)
            write_it(i);
        else
            read_it(i);
    }
    return box(STEPS);
}

static void stress(const char *name, int kind)
{
    pthread_rwlockattr_t attributes;
    zero(pthread_rwlockattr_init(&attributes));
    zero(pthread_rwlockattr_setkind_np(&attributes, kind));
    zero(pthread_rwlock_init(&lock, &attributes));
    zero(pthread_rwlockattr_destroy(&attributes));
    first = second = readers = writers = writes = broken = 0;
    printf("%s\n  operations: %ld\n", name, crowd(THREADS, run));
    printf("  writes: %ld\n", writes);
    printf("  invariant held: %s\n", yes(broken == 0 && readers == 0 && writers == 0 && first == writes));
    printf("  destroy: %s\n", error_name(pthread_rwlock_destroy(&lock)));
}

int main(void)
{
    stress("readers first", PTHREAD_RWLOCK_PREFER_READER_NP);
    stress("writers first", PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    return 0;
}
