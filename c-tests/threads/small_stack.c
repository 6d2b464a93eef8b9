// A stack of one's own that has no room for the program's 20000 bytes of __thread is refused, and nothing is written below it.
#include "fixture.h"

enum { AREA = 256 * 1024, BELOW = 128 * 1024, SMALL = 16384 };
static __thread char own[20000];
static char area[AREA] __attribute__((aligned(4096)));

static void *worker(void *unused)
{
    memset(own, 1, sizeof own);
    return unused;
}

// Makes a thread on so many bytes in the middle of the area, and looks at what is below.
static void try(const char *what, size_t size)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int changed = 0;
    memset(area, 7, sizeof area);
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstack(&attributes, area + BELOW, size));
    int error = pthread_create(&thread, &attributes, worker, NULL);
    if (error == 0)
        join(thread);
    zero(pthread_attr_destroy(&attributes));
    for (int i = 0; i < BELOW; i++)
        changed += area[i] != 7;
    printf("%s: %s, bytes changed below: %d\n", what, error_name(error), changed);
}

int main(void)
{
    try("small", SMALL);
    try("large", AREA - BELOW);
    try("small again", SMALL);
    join(start(worker, NULL));
    printf("own is untouched in main: %s\n", yes(own[0] == 0));
    return 0;
}
