// Readers that waited for a writer come in together; the last of them to leave lets the next writer in.
#include "fixture.h"
#include <stdatomic.h>

enum { READERS = 8, ROUNDS = 5 };
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int inside, writers, wrong;

static void *reads(void *unused)
{
    zero(pthread_rwlock_rdlock(&lock));
    if (atomic_load(&writers) != 0)
        wrong++;
    atomic_fetch_add(&inside, 1);
    while (atomic_load(&inside) < READERS) // only passes if all are inside at once
        usleep(200);
    zero(pthread_rwlock_unlock(&lock));
    return unused;
}

static void *writes(void *unused)
{
    zero(pthread_rwlock_wrlock(&lock));
    if (atomic_fetch_add(&writers, 1) != 0)
        wrong++;
    usleep(200);
    atomic_fetch_sub(&writers, 1);
    zero(pthread_rwlock_unlock(&lock));
    return unused;
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t readers[READERS], others[2];
        inside = 0;
        zero(pthread_rwlock_wrlock(&lock));
        for (int i = 0; i < READERS; i++)
            readers[i] = start(reads, NULL);
        for (int i = 0; i < 2; i++)
            others[i] = start(writes, NULL);
        let_it_block();
        printf("inside while main writes: %d", atomic_load(&inside));
        zero(pthread_rwlock_unlock(&lock));
        for (int i = 0; i < READERS; i++)
            join(readers[i]);
        for (int i = 0; i < 2; i++)
            join(others[i]);
        printf(", then: %d, wrong: %d\n", atomic_load(&inside), atomic_load(&wrong));
    }
    printf("destroy: %s\n", error_name(pthread_rwlock_destroy(&lock)));
    return 0;
}
