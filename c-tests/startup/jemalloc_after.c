// Malloc-heavy threads with jemalloc preloaded after the library.
// needs: libjemalloc2
// preload: libjemalloc.so.2 after
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "mallctl") ? "yes" : "no");
    return malloc_work();
}
