// Threads on memory that the program brings itself, twice on the same memory.
#include "fixture.h"
#include <sys/mman.h>

enum { SIZE = 256 * 1024 };
static char *memory;

static void *look(void *arg)
{
    pthread_attr_t mine;
    void *low;
    size_t size;
    volatile char deep[64 * 1024];

    deep[0] = 1;
    deep[sizeof deep - 1] = 2;
    zero(pthread_getattr_np(pthread_self(), &mine));
    zero(pthread_attr_getstack(&mine, &low, &size));
    zero(pthread_attr_destroy(&mine));
    usleep(1000); // the stack survives a wait
    printf("locals are in it: %s\n", yes((char *)deep > memory && (char *)deep + sizeof deep < memory + SIZE));
    printf("getattr says so: %s\n", yes((char *)low >= memory && (char *)low + size <= memory + SIZE));
    printf("locals kept: %d %d\n", deep[0], deep[sizeof deep - 1]);
    return arg;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstack(&attributes, memory, SIZE));
    for (long i = 0; i < 2; i++) {
        zero(pthread_create(&thread, &attributes, look, box(i)));
        printf("joined %ld\n", unbox(join(thread)));
    }
    zero(pthread_attr_destroy(&attributes));
    // It was ours, and still is.
    memset(memory, 7, SIZE);
    printf("still ours: %d\n", memory[SIZE - 1]);
    must(munmap(memory, SIZE));
    return 0;
}
