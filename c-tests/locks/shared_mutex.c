// Threads of two processes count under shared mutexes of each type, sleeping now and then while they hold one.
#include "shared.h"

enum { N = 4, STEPS = 50, KINDS = 4 };
static const struct { const char *name; int type, depth, inherit; } kinds[KINDS] = {
    {"normal", PTHREAD_MUTEX_NORMAL, 1, 0},
    {"recursive", PTHREAD_MUTEX_RECURSIVE, 3, 0},
    {"errorcheck", PTHREAD_MUTEX_ERRORCHECK, 1, 0},
    {"inheriting", PTHREAD_MUTEX_NORMAL, 1, 1},
};
static struct { pthread_mutex_t mutex; long counter; } *shared;
static int kind;

static void *worker(void *number)
{
    for (int step = 0; step < STEPS; step++) {
        struct timespec later = in_ms(CLOCK_MONOTONIC, 30000);
        for (int i = 0; i < kinds[kind].depth; i++)
            zero(step % 2 && !kinds[kind].inherit ? pthread_mutex_clocklock(&shared[kind].mutex, CLOCK_MONOTONIC, &later)
                                                  : pthread_mutex_lock(&shared[kind].mutex));
        long before = shared[kind].counter;
        if ((step + unbox(number)) % 4 == 0)
            usleep(300);
        shared[kind].counter = before + 1;
        for (int i = 0; i < kinds[kind].depth; i++)
            zero(pthread_mutex_unlock(&shared[kind].mutex));
    }
    return NULL;
}

static void run(long process)
{
    for (kind = 0; kind < KINDS; kind++)
        run_threads(process, N, worker);
}

int main(void)
{
    shared = shared_memory(KINDS * sizeof *shared);
    for (int i = 0; i < KINDS; i++) {
        pthread_mutexattr_t attributes;
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, kinds[i].type));
        zero(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
        if (kinds[i].inherit)
            zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
        zero(pthread_mutex_init(&shared[i].mutex, &attributes));
    }
    in_two_processes(run);
    for (int i = 0; i < KINDS; i++)
        printf("%s: %ld, destroy: %s\n", kinds[i].name, shared[i].counter, error_name(pthread_mutex_destroy(&shared[i].mutex)));
    return 0;
}
