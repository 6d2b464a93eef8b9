// Many threads contend for a priority-inheriting mutex, by every call, and sleep, yield or read from a pipe while they hold it.
#include "fixture.h"
#include <sched.h>

enum { N = 10, STEPS = 40 };
static pthread_mutex_t mutex;
static int depth, line[2];
static long counter;

static void *echo(void *unused)
{
    char byte;
    while (read(line[0], &byte, 1) == 1)
        must(write(line[0], &byte, 1));
    return unused;
}

static void take(int step)
{
    struct timespec later = in_ms(CLOCK_REALTIME, 30000);
    switch (step % 3) {
    case 0:
        zero(pthread_mutex_lock(&mutex));
        break;
    case 1:
        zero(pthread_mutex_timedlock(&mutex, &later));
        break;
    case 2:
        while (pthread_mutex_trylock(&mutex) != 0)
            usleep(100);
        break;
    }
}

static void *worker(void *arg)
{
    char byte;
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < depth; i++)
            take(step);
        long before = counter;
        switch ((step + unbox(arg)) % 8) {
        case 0:
            usleep(200);
            break;
        case 1:
            must(write(line[1], "", 1));
            must(read(line[1], &byte, 1));
            break;
        case 2:
            sched_yield();
            break;
        }
        counter = before + 1;
        for (int i = 0; i < depth; i++)
            zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

int main(void)
{
    static const struct { const char *name; int type, depth; } kinds[] = {
        {"normal", PTHREAD_MUTEX_NORMAL, 1}, {"recursive", PTHREAD_MUTEX_RECURSIVE, 3}, {"errorcheck", PTHREAD_MUTEX_ERRORCHECK, 1}};
    pthread_t threads[N], echoing;
    stream_pair(line);
    echoing = start(echo, NULL);
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        pthread_mutexattr_t attributes;
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, kinds[kind].type));
        zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
        zero(pthread_mutex_init(&mutex, &attributes));
        depth = kinds[kind].depth;
        counter = 0;
        for (long i = 0; i < N; i++)
            threads[i] = start(worker, box(i));
        for (int i = 0; i < N; i++)
            join(threads[i]);
        printf("%s: %ld, destroy: %s\n", kinds[kind].name, counter, error_name(pthread_mutex_destroy(&mutex)));
    }
    must(shutdown(line[1], SHUT_WR));
    join(echoing);
    return 0;
}
