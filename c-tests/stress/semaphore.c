// Hundreds of threads share the permits of one semaphore; never are more of them inside than there are permits.
#include "crowd.h"
#include <semaphore.h>

enum { THREADS = 250, STEPS = 4000, PERMITS = 7 };
static sem_t semaphore;
static long inside, too_many;

static void *run(void *arg)
{
    for (long i = 0; i < STEPS; i++) {
        if (i % 4 != 0 || sem_trywait(&semaphore) != 0)
            must(sem_wait(&semaphore));
        if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) > PERMITS)
            count(&too_many);
        if (i % 500 == unbox(arg))
            sched_yield();
        __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        must(sem_post(&semaphore));
    }
    return box(STEPS);
}

int main(void)
{
    int value;
    must(sem_init(&semaphore, 0, PERMITS));
    printf("operations: %ld\n", crowd(THREADS, run));
    printf("too many inside: %ld\n", too_many);
    must(sem_getvalue(&semaphore, &value));
    printf("permits in the end: %d\n", value);
    printf("destroy: %s\n", answer(sem_destroy(&semaphore)));
    return 0;
}
