// Hundreds of threads on one mutex, by lock and by trylock; now and then its holder lets others run.
#include "crowd.h"

enum { THREADS = 250, STEPS = 4000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guarded guarded;

static void *run(void *arg)
{
    for (long i = 0; i < STEPS; i++) {
        int error = i % 3 == 0 ? pthread_mutex_trylock(&lock) : pthread_mutex_lock(&lock);
        if (error == EBUSY)
            error = pthread_mutex_lock(&lock);
        zero(error);
        visit(&guarded, i % 1000 == unbox(arg) % 1000);
        zero(pthread_mutex_unlock(&lock));
    }
    return box(STEPS);
}

int main(void)
{
    long operations = crowd(THREADS, run);
    printf("operations: %ld\n", operations);
    printf("invariant held: %s\n", yes(whole(&guarded, operations)));
    printf("destroy: %s\n", error_name(pthread_mutex_destroy(&lock)));
    return 0;
}
