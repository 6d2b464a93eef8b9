// Malloc-heavy threads with jemalloc preloaded before the library.
// needs: libjemalloc2
// preload: libjemalloc.so.2 before
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "mallctl") ? "yes" : "no");
    return malloc_work();
}
