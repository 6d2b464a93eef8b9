// Hundreds of threads on one spin lock. Most try and yield, as one must with more threads than processors; two insist.
#include "crowd.h"

enum { THREADS = 200, STEPS = 4000, INSIST = 2 };
static pthread_spinlock_t lock;
static struct guarded guarded;

static void *run(void *arg)
{
    for (long i = 0; i < STEPS; i++) {
        if (unbox(arg) < INSIST) {
            zero(pthread_spin_lock(&lock));
        } else {
            int error;
            while ((error = pthread_spin_trylock(&lock)) == EBUSY)
                sched_yield();
            zero(error);
        }
        visit(&guarded, i % 1000 == unbox(arg));
        zero(pthread_spin_unlock(&lock));
    }
    return box(STEPS);
}

int main(void)
{
    zero(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE));
    long operations = crowd(THREADS, run);
    printf("operations: %ld\n", operations);
    printf("invariant held: %s\n", yes(whole(&guarded, operations)));
    printf("destroy: %s\n", error_name(pthread_spin_destroy(&lock)));
    return 0;
}
