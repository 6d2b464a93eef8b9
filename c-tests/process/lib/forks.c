// A library that registers handlers for fork, and takes them away when it's closed.
#include <pthread.h>
#include <stdio.h>

int forks_in_parent;

static void before(void) { printf("  library: before\n"); }
static void in_parent(void) { forks_in_parent++; }
static void in_child(void) { printf("  library: in the child\n"); }

__attribute__((constructor)) static void loaded(void)
{
    pthread_atfork(before, in_parent, in_child);
}
