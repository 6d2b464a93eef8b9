// A counter under a mutex, with a yield or a sleep in the middle of each change.
#include "fixture.h"
#include <sched.h>

enum { N = 20, STEPS = 200 };
static pthread_mutex_t lock; // initialised by pthread_mutex_init
static long counter;
static int inside, crowded;

static void *thread(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        zero(pthread_mutex_lock(&lock));
        crowded += ++inside != 1;
        long before = counter;
        if (i % 50 == unbox(arg))
            usleep(100);
        else
            sched_yield();
        counter = before + 1;
        inside--;
        zero(pthread_mutex_unlock(&lock));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    zero(pthread_mutex_init(&lock, NULL));
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("counter: %ld, more than one inside: %d times\n", counter, crowded);
    printf("destroy: %s\n", error_name(pthread_mutex_destroy(&lock)));
    return 0;
}
