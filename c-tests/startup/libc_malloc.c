// Malloc-heavy threads with glibc's own allocator, as the measure of the others.
#include "malloc_work.h"
int main(void) {
    return malloc_work();
}
