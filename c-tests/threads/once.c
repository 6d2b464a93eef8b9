// pthread_once: the routine runs once, and everybody who comes meanwhile waits for it, even when it blocks.
#include "fixture.h"

enum { N = 20 };
static pthread_once_t once = PTHREAD_ONCE_INIT, again = PTHREAD_ONCE_INIT;
static int fds[2], runs, value;

static void init(void)
{
    char byte;
    must(read(fds[0], &byte, 1)); // blocks until main writes
    runs++;
    usleep(5000);
    value = 42;
}

static void *thread(void *arg)
{
    (void)arg;
    zero(pthread_once(&once, init));
    return box(value);
}

static void leaves(void)
{
    runs++;
    if (runs == 2)
        pthread_exit(box(1)); // as if cancelled: the next caller runs it again
}

static void *leaving(void *arg)
{
    (void)arg;
    pthread_once(&again, leaves);
    return box(2);
}

int main(void)
{
    pthread_t threads[N];
    int saw = 0;

    must(pipe(fds));
    for (int i = 0; i < N; i++)
        threads[i] = start(thread, NULL);
    let_it_block();
    must(write(fds[1], "x", 1));
    for (int i = 0; i < N; i++)
        saw += unbox(join(threads[i])) == 42;
    printf("ran %d time, %d of %d saw the value\n", runs, saw, N);
    zero(pthread_once(&once, init));
    printf("and no more: %d\n", runs);
    printf("one that leaves by pthread_exit: %ld\n", unbox(join(start(leaving, NULL))));
    printf("the next one runs it again: %ld\n", unbox(join(start(leaving, NULL))));
    printf("runs: %d\n", runs);
    return 0;
}
