// Malloc-heavy threads with tcmalloc preloaded before the library.
// needs: libtcmalloc-minimal4
// preload: libtcmalloc_minimal.so.4 before
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "MallocExtension_GetAllocatedSize") ? "yes" : "no");
    return malloc_work();
}
