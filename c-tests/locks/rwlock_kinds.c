// A writer waits for a reader. With the kind that prefers writers, new readers wait behind it; with the others they come in.
#include "fixture.h"
#include <stdatomic.h>

static pthread_rwlock_t lock;
static const char *order[2];
static atomic_int entered;

static void *writes(void *unused)
{
    zero(pthread_rwlock_wrlock(&lock));
    order[atomic_fetch_add(&entered, 1)] = "writer";
    zero(pthread_rwlock_unlock(&lock));
    return unused;
}

static void *reads(void *unused)
{
    zero(pthread_rwlock_rdlock(&lock));
    order[atomic_fetch_add(&entered, 1)] = "reader";
    zero(pthread_rwlock_unlock(&lock));
    return unused;
}

static void *tries(void *unused)
{
    struct timespec past = {1, 0};
    int error = pthread_rwlock_tryrdlock(&lock);
    (void)unused;
    if (error == 0)
        zero(pthread_rwlock_unlock(&lock));
    if (error == EBUSY)
        printf("  timedrdlock behind the writer: %s\n", error_name(pthread_rwlock_timedrdlock(&lock, &past)));
    return box(error);
}

static void *run(void *arg)
{
    pthread_rwlockattr_t attributes;
    pthread_t writer, reader;
    int kind, error = 0;

    zero(pthread_rwlockattr_init(&attributes));
    zero(pthread_rwlockattr_setkind_np(&attributes, unbox(arg)));
    zero(pthread_rwlockattr_getkind_np(&attributes, &kind));
    printf("  kind reads back: %s\n", yes(kind == unbox(arg)));
    zero(pthread_rwlock_init(&lock, &attributes));
    zero(pthread_rwlockattr_destroy(&attributes));

    entered = 0;
    zero(pthread_rwlock_rdlock(&lock));
    writer = start(writes, NULL);
    if (kind == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) {
        for (double until = now_ms() + 3000; error == 0 && now_ms() < until; usleep(500))
            error = unbox(join(start(tries, NULL)));
        printf("  new readers find: %s\n", error_name(error));
        reader = start(reads, NULL);
        let_it_block();
    } else {
        let_it_block();
        printf("  new readers find: %s\n", error_name(unbox(join(start(tries, NULL)))));
        zero(pthread_rwlock_rdlock(&lock)); // recursively
        zero(pthread_rwlock_unlock(&lock));
        reader = start(reads, NULL);
        join(reader);
    }
    printf("  entered while one reads: %d\n", atomic_load(&entered));
    zero(pthread_rwlock_unlock(&lock));
    join(writer);
    if (kind == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
        join(reader);
    printf("  %s, %s\n", order[0], order[1]);
    printf("  destroy: %s\n", error_name(pthread_rwlock_destroy(&lock)));
    return NULL;
}

int main(void)
{
    pthread_rwlockattr_t attributes;
    zero(pthread_rwlockattr_init(&attributes));
    printf("no such kind: %s\n", error_name(pthread_rwlockattr_setkind_np(&attributes, 77)));
    printf("prefer reader\n");
    join(start(run, box(PTHREAD_RWLOCK_PREFER_READER_NP)));
    printf("prefer writer\n");
    join(start(run, box(PTHREAD_RWLOCK_PREFER_WRITER_NP)));
    printf("prefer writer, nonrecursive\n");
    join(start(run, box(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)));
    run(box(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
    return 0;
}
