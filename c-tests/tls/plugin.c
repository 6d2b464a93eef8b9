// link: -ldl
// Thread-local variables of a library that dlopen() brought, before and after threads began, and in reused threads.
#include "fixture.h"
#include <dlfcn.h>

enum { N = 20, ROUNDS = 4 };
static int (*count)(void);
static long (*add)(int, long);
static struct gate opened = GATE_CLOSED, go = GATE_CLOSED;
static void *handle;

static void *from_before(void *arg)
{
    gate_wait(&opened); // this thread began before the library was there
    int first = count();
    usleep(1000);
    return box(first == 101 && count() == 102 && add(3, unbox(arg)) == unbox(arg));
}

static void *from_after(void *arg)
{
    long me = unbox(arg), right = count() == 101 && add(me, 10) == 10;
    gate_wait(&go); // all alive at once
    return box(right + (count() == 102 && add(0, me) == 10 + me));
}

static void *opens(void *arg)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/libplugin.so", getenv("TWIN_LIB_DIR"));
    handle = dlopen(path, RTLD_NOW);
    if (!handle) {
        printf("dlopen: %s\n", dlerror());
        exit(1);
    }
    *(void **)&count = dlsym(handle, "plugin_count");
    *(void **)&add = dlsym(handle, "plugin_add");
    return arg;
}

int main(void)
{
    pthread_t early[N], threads[N];
    long right = 0;

    for (long i = 0; i < N; i++)
        early[i] = start(from_before, box(i));
    join(start(opens, NULL)); // a thread opens it
    gate_open(&opened);
    for (int i = 0; i < N; i++)
        right += unbox(join(early[i]));
    printf("begun before: %ld of %d\n", right, N);

    for (int round = 0; round < ROUNDS; round++) {
        right = 0;
        go.open = 0;
        for (long i = 0; i < N; i++)
            threads[i] = start(from_after, box(i));
        gate_open(&go);
        for (int i = 0; i < N; i++)
            right += unbox(join(threads[i]));
        printf("round %d: %ld of %d\n", round, right, 2 * N);
    }
    printf("main: %d\n", count());
    printf("no such symbol: %s\n", yes(dlsym(handle, "plugin_nothing") == NULL));
    printf("closed: %d\n", dlclose(handle));
    return 0;
}
