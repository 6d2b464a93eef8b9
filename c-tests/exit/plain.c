// A destructor that does what programs do at last: it writes to sockets, waits for threads, logs; with hundreds of threads there.
// exit: 8
#include "load.h"

static int line[2];
static pthread_t flusher;

static void *flushes(void *unused)
{
    char byte;
    int n = 0;
    while (read(line[0], &byte, 1) == 1 && byte != 'q')
        n++;
    printf("flushed %d\n", n);
    return unused;
}

__attribute__((destructor)) static void at_last(void)
{
    for (int i = 0; i < 1000; i++)
        write_all(line[1], "x", 1);
    write_all(line[1], "q", 1);
    join(flusher);
    printf("done\n");
}

static void *leaves(void *unused)
{
    (void)unused;
    exit(8);
}

int main(void)
{
    stream_pair(line);
    flusher = start(flushes, NULL);
    begin_load();
    printf("\n");
    join(start(leaves, NULL));
    return 0;
}
