// Condition variables with priority-inheriting mutexes: signalled, broadcast, out of time.
#include "fixture.h"

enum { N = 8, ROUNDS = 20 };
static pthread_mutex_t mutex;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER, never = PTHREAD_COND_INITIALIZER;
static int turn;

static void *player(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec later = in_ms(CLOCK_REALTIME, 30000);
        zero(pthread_mutex_lock(&mutex));
        while (turn % N != unbox(arg))
            zero(round % 2 ? pthread_cond_wait(&turned, &mutex) : pthread_cond_timedwait(&turned, &mutex, &later));
        turn++;
        zero(pthread_cond_broadcast(&turned));
        zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

static void *times_out(void *unused)
{
    struct timespec soon = in_ms(CLOCK_REALTIME, 15), past = {1, 0};
    zero(pthread_mutex_lock(&mutex));
    printf("nobody signals: %s", error_name(pthread_cond_timedwait(&never, &mutex, &soon)));
    printf(", past: %s", error_name(pthread_cond_timedwait(&never, &mutex, &past)));
    printf(", lock again: %s", error_name(pthread_mutex_lock(&mutex)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
    printf("not holding it: %s\n", error_name(pthread_cond_wait(&never, &mutex)));
    return unused;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t threads[N];
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
    zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    zero(pthread_mutex_init(&mutex, &attributes));
    for (long i = 0; i < N; i++)
        threads[i] = start(player, box(i));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("turns: %d\n", turn);
    join(start(times_out, NULL));
    times_out(NULL);
    return 0;
}
