// A thread waits at a condition with a robust mutex; who signals it ends holding the mutex. The wait returns with the mutex, and
// says what happened to its owner.
#include "robust.h"

static pthread_mutex_t mutex;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int waiting, ready;

static void *signals_and_ends(void *arg)
{
    for (int there = 0; !there; usleep(500)) {
        zero(pthread_mutex_lock(&mutex));
        there = waiting;
        if (there) {
            ready = 1;
            zero(pthread_cond_signal(&cond));
            return arg;
        }
        zero(pthread_mutex_unlock(&mutex));
    }
    return arg;
}

static void *waits(void *form)
{
    struct timespec real = in_ms(CLOCK_REALTIME, 30000), monotonic = in_ms(CLOCK_MONOTONIC, 30000);
    int error = 0;
    ready = waiting = 0;
    pthread_t other = start(signals_and_ends, NULL);
    zero(pthread_mutex_lock(&mutex));
    waiting = 1;
    while (!ready && error == 0)
        error = unbox(form) == 0   ? pthread_cond_wait(&cond, &mutex)
                : unbox(form) == 1 ? pthread_cond_timedwait(&cond, &mutex, &real)
                                   : pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &monotonic);
    printf("wait: %s, ready: %d", error_name(error), ready);
    printf(", consistent: %s", error_name(pthread_mutex_consistent(&mutex)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    join(other);
    return NULL;
}

static void *times_out(void *unused)
{
    struct timespec soon = in_ms(CLOCK_REALTIME, 15);
    zero(pthread_mutex_lock(&mutex));
    printf("nobody signals: %s", error_name(pthread_cond_timedwait(&cond, &mutex, &soon)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    printf("not holding the mutex: %s\n", error_name(pthread_cond_wait(&cond, &mutex)));
    return unused;
}

int main(void)
{
    make_robust(&mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PROCESS_PRIVATE);
    for (long form = 0; form < 3; form++) {
        waits(box(form));
        join(start(waits, box(form)));
    }
    join(start(times_out, NULL));
    times_out(NULL);
    return 0;
}
