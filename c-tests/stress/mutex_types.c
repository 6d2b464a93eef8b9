// Hundreds of threads on three mutexes in turn: one that checks errors, one that is recursive, one that is adaptive. Each keeps
// its own rules.
#include "crowd.h"

enum { THREADS = 200, STEPS = 1500, TYPES = 3 };
static const int types[TYPES] = {PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ADAPTIVE_NP};
static const char *names[TYPES] = {"errorcheck", "recursive", "adaptive"};
static pthread_mutex_t locks[TYPES];
static struct guarded guarded[TYPES];
static long wrong;

static void expect(int error, int expected)
{
    if (error != expected)
        count(&wrong);
}

static void *run(void *arg)
{
    for (long i = 0; i < STEPS * TYPES; i++) {
        int type = (i + unbox(arg)) % TYPES;
        pthread_mutex_t *lock = &locks[type];
        if (types[type] == PTHREAD_MUTEX_ERRORCHECK)
            expect(pthread_mutex_unlock(lock), EPERM);
        zero(pthread_mutex_lock(lock));
        if (types[type] == PTHREAD_MUTEX_ERRORCHECK)
            expect(pthread_mutex_lock(lock), EDEADLK);
        expect(pthread_mutex_trylock(lock), types[type] == PTHREAD_MUTEX_RECURSIVE ? 0 : EBUSY);
        visit(&guarded[type], i % 1000 == unbox(arg));
        if (types[type] == PTHREAD_MUTEX_RECURSIVE)
            zero(pthread_mutex_unlock(lock));
        enter(&guarded[type]);
        leave(&guarded[type]);
        zero(pthread_mutex_unlock(lock));
    }
    return NULL;
}

int main(void)
{
    for (int type = 0; type < TYPES; type++) {
        pthread_mutexattr_t attributes;
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, types[type]));
        zero(pthread_mutex_init(&locks[type], &attributes));
        zero(pthread_mutexattr_destroy(&attributes));
    }
    crowd(THREADS, run);
    for (int type = 0; type < TYPES; type++) {
        printf("%s: %d locks\n", names[type], THREADS * STEPS);
        printf("  invariant held: %s\n", yes(whole(&guarded[type], 2l * THREADS * STEPS)));
        printf("  destroy: %s\n", error_name(pthread_mutex_destroy(&locks[type])));
    }
    printf("wrong answers: %ld\n", wrong);
    return 0;
}
