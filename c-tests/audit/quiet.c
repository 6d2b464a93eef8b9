// GREEN_DEBUG_BLOCKING says nothing of threads that wait, however long.
// env: GREEN_DEBUG_BLOCKING=1000
#include "fixture.h"

static int ends[2];

static void *reads(void *arg)
{
    char c;
    printf("read: %s\n", answer(read(ends[0], &c, 1)));
    return arg;
}

int main(void)
{
    pthread_t thread;
    must(pipe(ends));
    zero(pthread_create(&thread, NULL, reads, NULL));
    usleep(1200000);
    must(write(ends[1], "x", 1));
    zero(pthread_join(thread, NULL));
    return 0;
}
