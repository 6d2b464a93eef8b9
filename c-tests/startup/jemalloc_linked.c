// Malloc-heavy threads in a program linked with jemalloc.
// needs: libjemalloc2
// link: -Wl,--no-as-needed -l:libjemalloc.so.2
#include "malloc_work.h"
#include <dlfcn.h>
int main(void) {
    printf("allocator there: %s\n", dlsym(RTLD_DEFAULT, "mallctl") ? "yes" : "no");
    return malloc_work();
}
