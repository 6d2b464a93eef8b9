// 10,000 threads alive at once, half waiting on a condition, half on a pipe.
#include "fixture.h"
#include <stdatomic.h>

enum { N = 10000 };
static struct gate go = GATE_CLOSED;
static int release_pipe[2];
static atomic_int alive, most;

static void *thread(void *arg)
{
    long i = unbox(arg);
    char byte;
    int now = atomic_fetch_add(&alive, 1) + 1, seen = atomic_load(&most);
    while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
        ;
    if (i % 2)
        gate_wait(&go);
    else if (read(release_pipe[0], &byte, 1) != 0)
        printf("the pipe gave something\n");
    atomic_fetch_sub(&alive, 1);
    return box(i * 3);
}

int main(void)
{
    static pthread_t threads[N];
    long right = 0;

    must(pipe(release_pipe));
    for (long i = 0; i < N; i++)
        threads[i] = start_small(thread, box(i));
    while (atomic_load(&alive) < N)
        usleep(1000);
    gate_open(&go);
    close(release_pipe[1]); // end of file for all of them
    for (long i = 0; i < N; i++)
        right += unbox(join(threads[i])) == i * 3;
    printf("alive at once: %d\n", atomic_load(&most));
    printf("joined with the right value: %ld\n", right);
    printf("alive now: %d\n", atomic_load(&alive));
    return 0;
}
