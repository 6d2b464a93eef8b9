// Read-write locks: many readers at once, writers alone, and the errors of each operation.
#include "fixture.h"

enum { READERS = 12, WRITERS = 4, STEPS = 50 };
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static long a, b, torn;
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_in = PTHREAD_COND_INITIALIZER;
static int inside;

static void *reader(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        zero(pthread_rwlock_rdlock(&lock));
        long before = a;
        if (i % 10 == unbox(arg) % 10)
            usleep(200);
        if (a != before || a != b)
            __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
        zero(pthread_rwlock_unlock(&lock));
        if (i % 8 == 0)
            usleep(100); // leave the writers a gap
    }
    return NULL;
}

static void *writer(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        zero(pthread_rwlock_wrlock(&lock));
        long before = a;
        if (i % 10 == unbox(arg))
            usleep(200);
        a = before + 1;
        b = b + 1;
        zero(pthread_rwlock_unlock(&lock));
    }
    return NULL;
}

// Every reader holds the lock until all hold it: only possible when they share it.
static void *sharing_reader(void *arg)
{
    zero(pthread_rwlock_rdlock(&lock));
    pthread_mutex_lock(&count_lock);
    if (++inside == READERS)
        pthread_cond_broadcast(&all_in);
    while (inside < READERS)
        pthread_cond_wait(&all_in, &count_lock);
    pthread_mutex_unlock(&count_lock);
    zero(pthread_rwlock_unlock(&lock));
    return arg;
}

static void *tries(void *arg)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 50);
    int error;
    double since = now_ms();
    (void)arg;
    error = pthread_rwlock_tryrdlock(&lock);
    printf("  tryrdlock: %s\n", error_name(error));
    if (error == 0)
        zero(pthread_rwlock_unlock(&lock));
    printf("  trywrlock: %s\n", error_name(pthread_rwlock_trywrlock(&lock)));
    printf("  timedwrlock: %s", error_name(pthread_rwlock_timedwrlock(&lock, &when)));
    printf(", waited: %s\n", yes(now_ms() - since >= 49));
    when = in_ms(CLOCK_MONOTONIC, 50);
    error = pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &when);
    printf("  clockrdlock: %s\n", error_name(error));
    if (error == 0)
        zero(pthread_rwlock_unlock(&lock));
    return NULL;
}

int main(void)
{
    pthread_t readers[READERS], writers[WRITERS];

    for (long i = 0; i < READERS; i++)
        readers[i] = start(sharing_reader, box(i));
    for (int i = 0; i < READERS; i++)
        join(readers[i]);
    printf("readers inside at once: %d\n", inside);

    for (long i = 0; i < READERS; i++)
        readers[i] = start(reader, box(i));
    for (long i = 0; i < WRITERS; i++)
        writers[i] = start(writer, box(i));
    for (int i = 0; i < READERS; i++)
        join(readers[i]);
    for (int i = 0; i < WRITERS; i++)
        join(writers[i]);
    printf("written: %ld %ld, torn: %ld\n", a, b, torn);

    printf("while main reads:\n");
    zero(pthread_rwlock_rdlock(&lock));
    join(start(tries, NULL));
    printf("  main reads twice: %s\n", error_name(pthread_rwlock_rdlock(&lock)));
    zero(pthread_rwlock_unlock(&lock));
    zero(pthread_rwlock_unlock(&lock));
    printf("while main writes:\n");
    zero(pthread_rwlock_wrlock(&lock));
    join(start(tries, NULL));
    printf("  main writes twice: %s\n", error_name(pthread_rwlock_wrlock(&lock)));
    printf("  main also reads: %s\n", error_name(pthread_rwlock_rdlock(&lock)));
    zero(pthread_rwlock_unlock(&lock));
    printf("when it is free: %s\n", error_name(pthread_rwlock_trywrlock(&lock)));
    zero(pthread_rwlock_unlock(&lock));
    return 0;
}
