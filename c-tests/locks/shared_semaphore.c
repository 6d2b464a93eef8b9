// Threads of two processes pass a token round by shared semaphores, and limit how many are inside by another.
#include "shared.h"
#include <semaphore.h>

enum { N = 3, LAPS = 30, ROOM = 2 };
static struct {
    sem_t turn[2 * N], room;
    long laps, inside, crowded;
} *shared;

static void *passes(void *number)
{
    for (int lap = 0; lap < LAPS; lap++) {
        struct timespec real = in_ms(CLOCK_REALTIME, 30000), monotonic = in_ms(CLOCK_MONOTONIC, 30000);
        sem_t *mine = &shared->turn[unbox(number)];
        must(lap % 3 == 0   ? sem_wait(mine)
             : lap % 3 == 1 ? sem_timedwait(mine, &real)
                            : sem_clockwait(mine, CLOCK_MONOTONIC, &monotonic));
        shared->laps++;
        must(sem_post(&shared->turn[(unbox(number) + 1) % (2 * N)]));
    }
    return NULL;
}

static void *enters(void *unused)
{
    for (int lap = 0; lap < LAPS; lap++) {
        must(sem_wait(&shared->room));
        if (__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) > ROOM)
            __atomic_add_fetch(&shared->crowded, 1, __ATOMIC_SEQ_CST);
        if (lap % 5 == 0)
            usleep(300);
        __atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
        must(sem_post(&shared->room));
    }
    return unused;
}

static void run(long process)
{
    run_threads(process, N, passes);
    run_threads(process, N, enters);
}

int main(void)
{
    int value;
    shared = shared_memory(sizeof *shared);
    for (int i = 0; i < 2 * N; i++)
        must(sem_init(&shared->turn[i], 1, i == 0));
    must(sem_init(&shared->room, 1, ROOM));
    in_two_processes(run);
    must(sem_getvalue(&shared->room, &value));
    printf("laps: %ld, crowded: %ld, room: %d\n", shared->laps, shared->crowded, value);
    return 0;
}
