// Threads of two processes take turns at a shared condition, by each form of waiting; and one that nobody signals runs out of time.
#include "shared.h"

enum { N = 3, LAPS = 30 };
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t turned, never;
    long turn;
} *shared;

static void *player(void *number)
{
    for (int lap = 0; lap < LAPS; lap++) {
        struct timespec monotonic = in_ms(CLOCK_MONOTONIC, 30000), real = in_ms(CLOCK_REALTIME, 30000);
        zero(pthread_mutex_lock(&shared->mutex));
        while (shared->turn % (2 * N) != unbox(number))
            zero(lap % 3 == 0   ? pthread_cond_wait(&shared->turned, &shared->mutex)
                 : lap % 3 == 1 ? pthread_cond_timedwait(&shared->turned, &shared->mutex, &monotonic)
                                : pthread_cond_clockwait(&shared->turned, &shared->mutex, CLOCK_REALTIME, &real));
        shared->turn++;
        zero(pthread_cond_broadcast(&shared->turned));
        zero(pthread_mutex_unlock(&shared->mutex));
    }
    return NULL;
}

static void *times_out(void *unused)
{
    struct timespec soon = in_ms(CLOCK_MONOTONIC, 20), past = {0, 0}, bad = {1, -1};
    int error = 0;
    double since = now_ms();
    zero(pthread_mutex_lock(&shared->mutex));
    while (error == 0)
        error = pthread_cond_timedwait(&shared->never, &shared->mutex, &soon);
    printf("nobody signals: %s, waited: %s", error_name(error), yes(now_ms() - since >= 19));
    printf(", past: %s", error_name(pthread_cond_timedwait(&shared->never, &shared->mutex, &past)));
    printf(", bad time: %s", error_name(pthread_cond_timedwait(&shared->never, &shared->mutex, &bad)));
    printf(", bad clock: %s", error_name(pthread_cond_clockwait(&shared->never, &shared->mutex, CLOCK_BOOTTIME, &soon)));
    printf(", the mutex is held: %s\n", error_name(pthread_mutex_trylock(&shared->mutex)));
    zero(pthread_mutex_unlock(&shared->mutex));
    return unused;
}

static void run(long process)
{
    run_threads(process, N, player);
    if (process == 0) {
        join(start(times_out, NULL));
        times_out(NULL);
    }
}

int main(void)
{
    pthread_mutexattr_t mutex_kind;
    pthread_condattr_t cond_kind;
    shared = shared_memory(sizeof *shared);
    zero(pthread_mutexattr_init(&mutex_kind));
    zero(pthread_mutexattr_setpshared(&mutex_kind, PTHREAD_PROCESS_SHARED));
    zero(pthread_mutex_init(&shared->mutex, &mutex_kind));
    zero(pthread_condattr_init(&cond_kind));
    zero(pthread_condattr_setpshared(&cond_kind, PTHREAD_PROCESS_SHARED));
    zero(pthread_condattr_setclock(&cond_kind, CLOCK_MONOTONIC));
    zero(pthread_cond_init(&shared->turned, &cond_kind));
    zero(pthread_cond_init(&shared->never, &cond_kind));
    in_two_processes(run);
    printf("turns: %ld\n", shared->turn);
    printf("destroy: %s\n", error_name(pthread_cond_destroy(&shared->turned)));
    return 0;
}
