// A condition is destroyed, overwritten and made anew as soon as its waiters are woken, while they are still leaving: they wait by
// each form, and are woken by a broadcast or by as many signals.
#include "fixture.h"

enum { N = 12, ROUNDS = 30 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond, all_here = PTHREAD_COND_INITIALIZER;
static int here, round_number = -1, woken;

static void *guest(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec real = in_ms(CLOCK_REALTIME, 30000), monotonic = in_ms(CLOCK_MONOTONIC, 30000);
        zero(pthread_mutex_lock(&mutex));
        if (++here == N)
            zero(pthread_cond_signal(&all_here));
        switch ((round + unbox(arg)) % 3) { // no loop: natively, too, nobody wakes without cause here
        case 0: zero(pthread_cond_wait(&cond, &mutex)); break;
        case 1: zero(pthread_cond_timedwait(&cond, &mutex, &real)); break;
        case 2: zero(pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &monotonic)); break;
        }
        woken += round_number == round;
        zero(pthread_mutex_unlock(&mutex));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    zero(pthread_cond_init(&cond, NULL));
    for (long i = 0; i < N; i++)
        threads[i] = start(guest, box(i));
    for (int round = 0; round < ROUNDS; round++) {
        zero(pthread_mutex_lock(&mutex));
        while (here < N)
            zero(pthread_cond_wait(&all_here, &mutex));
        here = 0;
        round_number = round;
        if (round % 2 == 1)
            for (int i = 0; i < N; i++)
                zero(pthread_cond_signal(&cond));
        else
            zero(pthread_cond_broadcast(&cond));
        zero(pthread_cond_destroy(&cond));
        memset(&cond, 0xee, sizeof cond);
        zero(pthread_cond_init(&cond, NULL));
        zero(pthread_mutex_unlock(&mutex));
    }
    for (int i = 0; i < N; i++)
        join(threads[i]);
    printf("woken: %d\n", woken);
    return 0;
}
