// Spin locks: who holds one waits for another thread, or sleeps, while others spin for it.
#include "hog.h"

enum { THREADS = 4, EACH = 5 };
static pthread_spinlock_t lock;
static int ends[2];
static long first, second, torn;

static void *worker(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        zero(pthread_spin_lock(&lock));
        torn += first != second;
        first++;
        if (unbox(arg) == 0)
            usleep(3000);
        else if (unbox(arg) == 1)
            talk(ends[0], 3);
        second++;
        zero(pthread_spin_unlock(&lock));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    zero(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE));
    stream_pair(ends);
    pthread_t echoing = start(echo, box(ends[1]));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    must(shutdown(ends[0], SHUT_WR));
    printf("counted: %ld %ld; torn: %ld; echoed: %ld\n", first, second, torn, unbox(join(echoing)));
    return 0;
}
