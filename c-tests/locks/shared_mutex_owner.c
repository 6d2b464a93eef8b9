// A thread holds shared mutexes of each type; what the threads of another process are told that try them, wait a while, and
// unlock what is not theirs. Ids of threads must not be mistaken for those of the other process.
#include "shared.h"

enum { KINDS = 3 };
static const struct { const char *name; int type; } kinds[KINDS] = {
    {"normal", PTHREAD_MUTEX_NORMAL}, {"recursive", PTHREAD_MUTEX_RECURSIVE}, {"errorcheck", PTHREAD_MUTEX_ERRORCHECK}};
static pthread_mutex_t *mutexes;
static int up[2], down[2];

static void *holds(void *unused)
{
    char byte;
    for (int i = 0; i < KINDS; i++)
        zero(pthread_mutex_lock(&mutexes[i]));
    must(write(up[1], "", 1));
    must(read(down[0], &byte, 1));
    for (int i = 0; i < KINDS; i++)
        zero(pthread_mutex_unlock(&mutexes[i]));
    return unused;
}

static void *tries(void *unused)
{
    for (int i = 0; i < KINDS; i++) {
        struct timespec soon = in_ms(CLOCK_REALTIME, 15);
        double since = now_ms();
        printf("%s: trylock: %s", kinds[i].name, error_name(pthread_mutex_trylock(&mutexes[i])));
        printf(", timedlock: %s", error_name(pthread_mutex_timedlock(&mutexes[i], &soon)));
        printf(", waited: %s", yes(now_ms() - since >= 14));
        if (kinds[i].type != PTHREAD_MUTEX_NORMAL)
            printf(", unlock: %s", error_name(pthread_mutex_unlock(&mutexes[i])));
        printf("\n");
    }
    return unused;
}

static void *waits(void *unused)
{
    for (int i = 0; i < KINDS; i++) {
        printf("%s: lock: %s", kinds[i].name, error_name(pthread_mutex_lock(&mutexes[i])));
        printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutexes[i])));
    }
    return unused;
}

static void run(long process)
{
    char byte;
    if (process == 1) {
        join(start(holds, NULL));
        return;
    }
    must(read(up[0], &byte, 1));
    join(start(tries, NULL));
    tries(NULL);
    pthread_t waiting = start(waits, NULL);
    let_it_block();
    must(write(down[1], "", 1));
    join(waiting);
}

int main(void)
{
    mutexes = shared_memory(KINDS * sizeof *mutexes);
    must(pipe(up));
    must(pipe(down));
    for (int i = 0; i < KINDS; i++) {
        pthread_mutexattr_t attributes;
        zero(pthread_mutexattr_init(&attributes));
        zero(pthread_mutexattr_settype(&attributes, kinds[i].type));
        zero(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
        zero(pthread_mutex_init(&mutexes[i], &attributes));
    }
    in_two_processes(run);
    return 0;
}
