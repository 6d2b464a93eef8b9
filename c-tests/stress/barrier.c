// Hundreds of threads meet at a barrier again and again. Nobody leaves early, and exactly one of each generation is told so.
#include "crowd.h"

enum { THREADS = 200, GENERATIONS = 1000 };
static pthread_barrier_t barrier;
static long arrived[GENERATIONS], serial[GENERATIONS], early;

static void *run(void *unused)
{
    (void)unused;
    for (int i = 0; i < GENERATIONS; i++) {
        count(&arrived[i]);
        int result = pthread_barrier_wait(&barrier);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            count(&serial[i]);
        else
            zero(result);
        if (counted(&arrived[i]) != THREADS)
            count(&early);
    }
    return box(GENERATIONS);
}

int main(void)
{
    long one = 0;
    zero(pthread_barrier_init(&barrier, NULL, THREADS));
    printf("operations: %ld\n", crowd(THREADS, run));
    for (int i = 0; i < GENERATIONS; i++)
        one += serial[i] == 1;
    printf("generations with one serial thread: %ld\n", one);
    printf("left early: %ld\n", early);
    printf("destroy: %s\n", error_name(pthread_barrier_destroy(&barrier)));
    return 0;
}
