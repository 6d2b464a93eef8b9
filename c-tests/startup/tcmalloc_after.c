// Malloc-heavy threads with tcmalloc preloaded after the library.
// needs: libtcmalloc-minimal4
// preload: libtcmalloc_minimal.so.4 after
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "MallocExtension_GetAllocatedSize") ? "yes" : "no");
    return malloc_work();
}
