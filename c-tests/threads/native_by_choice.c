// env: GREEN_NATIVE=stays_native,libcarried.so,by its name
// Threads that are named in GREEN_NATIVE, by function, library or name, have a kernel thread each, and share locks with green ones.
#include "fixture.h"
#include <dlfcn.h>
#include <sys/syscall.h>

enum { EACH = 3, STEPS = 2000 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static long counter, turn;

static void count(void)
{
    for (int i = 0; i < STEPS; i++) {
        zero(pthread_mutex_lock(&mutex));
        counter++;
        zero(pthread_mutex_unlock(&mutex));
        if (i % 500 == 0)
            usleep(100);
    }
}

// Whether the calling thread is always on one kernel thread, which isn't main's.
static int has_its_own(void)
{
    long id = syscall(SYS_gettid);
    int same = id != getpid();
    for (int i = 0; i < 20; i++) {
        usleep(200);
        same &= syscall(SYS_gettid) == id;
    }
    return same;
}

void *stays_native(void *unused)
{
    (void)unused;
    count();
    return box(has_its_own());
}

static void *named(void *unused)
{
    (void)unused;
    zero(pthread_setname_np(pthread_self(), "by its name"));
    count();
    return box(has_its_own());
}

static void *green(void *unused)
{
    (void)unused;
    count();
    return box(1);
}

// Turns are taken by a native and a green thread, through a mutex and a condition variable.
static void *takes_turns(void *arg)
{
    for (int i = 0; i < 200; i++) {
        zero(pthread_mutex_lock(&mutex));
        while (turn % 2 != unbox(arg))
            zero(pthread_cond_wait(&turned, &mutex));
        turn++;
        zero(pthread_cond_broadcast(&turned));
        zero(pthread_mutex_unlock(&mutex));
    }
    return arg;
}

static void together(const char *what, void *(*function)(void *))
{
    pthread_t threads[EACH];
    int right = 0;
    for (int i = 0; i < EACH; i++)
        threads[i] = start(function, NULL);
    for (int i = 0; i < EACH; i++)
        right += unbox(join(threads[i]));
    printf("%s: %d of %d\n", what, right, EACH);
}

int main(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/libcarried.so", getenv("TWIN_LIB_DIR"));
    void *library = dlopen(path, RTLD_NOW);
    if (!library)
        die(dlerror());
    void *(*carried)(void *) = (void *(*)(void *))dlsym(library, "carried");
    void *(*relays)(void *) = (void *(*)(void *))dlsym(library, "relays");

    together("by function", stays_native);
    together("by name", named);
    together("by library", carried);
    together("green", green);
    printf("counted: %ld\n", counter);

    pthread_t other = start(takes_turns, box(0));
    join(start(relays, (void *[]){(void *)takes_turns, box(1)}));
    join(other);
    printf("turns: %ld\n", turn);
    return 0;
}
