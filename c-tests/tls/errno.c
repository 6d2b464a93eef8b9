// errno belongs to its thread, and blocking calls that succeed leave it alone.
#include "fixture.h"

enum { N = 20, ROUNDS = 10 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_came = PTHREAD_COND_INITIALIZER;
static long came;

// Waits until every thread has come here as often as this one.
static void meet(void)
{
    pthread_mutex_lock(&lock);
    long goal = came++ / N * N + N;
    if (came == goal)
        pthread_cond_broadcast(&all_came);
    while (came < goal)
        pthread_cond_wait(&all_came, &lock);
    pthread_mutex_unlock(&lock);
}

static void *thread(void *arg)
{
    int mine = 1 + unbox(arg), kept = 0, ends[2];
    char byte = 'x';

    stream_pair(ends);
    for (int round = 0; round < ROUNDS; round++) {
        errno = mine;
        usleep(1000);
        kept += errno == mine;
        must(send(ends[0], &byte, 1, 0));
        must(recv(ends[1], &byte, 1, 0));
        kept += errno == mine;
        meet();
        kept += errno == mine;
        // A call that fails sets it, for this thread only.
        if (mine % 2 && close(-1) == -1)
            kept += errno == EBADF;
        else
            kept += errno == mine;
        meet();
        kept += errno == (mine % 2 ? EBADF : mine);
    }
    close(ends[0]);
    close(ends[1]);
    return box(kept);
}

static void *fresh(void *arg)
{
    (void)arg;
    int at_start = errno;
    errno = ERANGE; // the next thread may get this one's memory
    return box(at_start);
}

int main(void)
{
    pthread_t threads[N];
    long kept = 0, nonzero = 0;

    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    errno = 77;
    for (int i = 0; i < N; i++)
        kept += unbox(join(threads[i]));
    printf("kept: %ld of %d\n", kept, N * ROUNDS * 5);
    printf("main's own: %d\n", errno);
    for (int i = 0; i < 20; i++)
        nonzero += unbox(join(start(fresh, NULL)));
    printf("not 0 at the start of a thread: %ld\n", nonzero);
    return 0;
}
