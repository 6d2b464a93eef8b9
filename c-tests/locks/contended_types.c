// Many threads on one mutex of each type, the recursive one locked three deep.
#include "fixture.h"

enum { N = 10, STEPS = 100 };
static pthread_mutex_t mutex;
static long counter;
static int depth;

static void *thread(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        for (int d = 0; d < depth; d++)
            zero(pthread_mutex_lock(&mutex));
        long before = counter;
        if (i % 10 == unbox(arg))
            usleep(200);
        counter = before + 1;
        for (int d = 0; d < depth; d++)
            zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

int main(void)
{
    static const struct { const char *name; int type, depth; } kinds[] = {
        {"normal", PTHREAD_MUTEX_NORMAL, 1},
        {"recursive", PTHREAD_MUTEX_RECURSIVE, 3},
        {"errorcheck", PTHREAD_MUTEX_ERRORCHECK, 1},
        {"adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, 1},
    };
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        pthread_mutexattr_t attributes;
        pthread_t threads[N];
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, kinds[kind].type));
        zero(pthread_mutex_init(&mutex, &attributes));
        depth = kinds[kind].depth;
        counter = 0;
        for (long i = 0; i < N; i++)
            threads[i] = start(thread, box(i));
        for (int i = 0; i < N; i++)
            join(threads[i]);
        printf("%s: %ld\n", kinds[kind].name, counter);
        printf("  destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));
    }
    return 0;
}
