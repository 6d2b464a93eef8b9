// Threads that create threads that create threads, each joining its own.
#include "fixture.h"

enum { CHILDREN = 6, DEPTH = 4 };

static void *node(void *arg)
{
    long depth = unbox(arg), below = 0;
    pthread_t children[CHILDREN];
    if (depth == 0)
        return box(1);
    for (int i = 0; i < CHILDREN; i++)
        children[i] = start_small(node, box(depth - 1));
    for (int i = 0; i < CHILDREN; i++)
        below += unbox(join(children[i]));
    return box(below + 1);
}

int main(void)
{
    printf("nodes: %ld\n", unbox(join(start(node, box(DEPTH)))));
    return 0;
}
