// exit: 3
// exit() called by a thread ends the process: handlers run, stdio is flushed, the others just stop.
#include "fixture.h"

static void *blocked(void *fd)
{
    char byte;
    read(*(int *)fd, &byte, 1) == 1 ? puts("not reached") : 0;
    return NULL;
}

static void *exits(void *arg)
{
    (void)arg;
    usleep(1000);
    printf("unflushed, no newline");
    exit(3);
}

static void first(void)
{
    printf("\nhandler registered first\n");
}

static void second(void)
{
    printf("\nhandler registered second");
}

__attribute__((destructor)) static void destructor(void)
{
    printf("destructor\n");
}

int main(void)
{
    int fds[2];

    must(pipe(fds));
    atexit(first);
    atexit(second);
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (int i = 0; i < 10; i++)
        start(blocked, &fds[0]);
    join(start(exits, NULL));
    return 4; // not reached
}
