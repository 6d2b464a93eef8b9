// Hundreds of threads come to thousands of pthread_once at the same time: each runs once, and nobody goes on before it has run.
#include "crowd.h"

enum { THREADS = 200, ONCES = 5000 };
static pthread_once_t onces[ONCES]; // zero is PTHREAD_ONCE_INIT
static long runs[ONCES], unfinished;
static __thread long mine; // the routine has no argument

static void initialise(void)
{
    long number = mine;
    if (number % 50 == 0)
        sched_yield();
    count(&runs[number]);
}

static void *run(void *arg)
{
    for (long i = 0; i < ONCES; i++) {
        mine = unbox(arg) % 2 ? i : (i + ONCES / 2) % ONCES;
        zero(pthread_once(&onces[mine], initialise));
        if (counted(&runs[mine]) != 1)
            count(&unfinished);
    }
    return box(ONCES);
}

int main(void)
{
    long once = 0;
    printf("operations: %ld\n", crowd(THREADS, run));
    for (int i = 0; i < ONCES; i++)
        once += runs[i] == 1;
    printf("ran once: %ld\n", once);
    printf("went on too early: %ld\n", unfinished);
    return 0;
}
