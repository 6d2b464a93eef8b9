// Two thousand threads queue for one mutex; each gets it once, and nobody is forgotten.
#include "fixture.h"

enum { N = 2000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long taken, sum;

static void *takes(void *arg)
{
    zero(pthread_mutex_lock(&lock));
    taken++;
    sum += unbox(arg);
    zero(pthread_mutex_unlock(&lock));
    return NULL;
}

int main(void)
{
    static pthread_t threads[N];
    zero(pthread_mutex_lock(&lock));
    for (long i = 0; i < N; i++)
        threads[i] = start_small(takes, box(i));
    let_it_block();
    printf("taken while held: %ld\n", taken);
    zero(pthread_mutex_unlock(&lock));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("taken: %ld, sum: %ld\n", taken, sum);
    return 0;
}
