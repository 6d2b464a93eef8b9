// Malloc-heavy threads in a program linked with tcmalloc.
// needs: libtcmalloc-minimal4
// link: -Wl,--no-as-needed -l:libtcmalloc_minimal.so.4
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "MallocExtension_GetAllocatedSize") ? "yes" : "no");
    return malloc_work();
}
