// What never answers EINTR: mutexes, conditions, rwlocks, barriers, once, join. A handler runs in the midst of them, and they wait on.
#include "../fixture.h"
#include "eintr.h"

enum { ROUNDS = 20 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static int turn, called;
static long counter;
static _Atomic long mistakes;

static void initialise(void)
{
    pause_ms(10);
    called++;
}

static void *works(void *arg)
{
    int me = unbox(arg);
    zero(pthread_once(&once, initialise));
    mistakes += called != 1;
    for (int i = 0; i < ROUNDS; i++) {
        zero(pthread_mutex_lock(&lock));
        while (turn != me)
            zero(pthread_cond_wait(&changed, &lock));
        if (i % 4 == 0)
            pause_ms(2); // the others wait for the mutex
        turn = (turn + 1) % 3;
        zero(pthread_cond_broadcast(&changed));
        zero(pthread_mutex_unlock(&lock));

        zero(pthread_rwlock_wrlock(&shared));
        counter++;
        if (i % 8 == 0)
            pause_ms(2);
        zero(pthread_rwlock_unlock(&shared));
        zero(pthread_rwlock_rdlock(&shared));
        mistakes += counter <= i;
        zero(pthread_rwlock_unlock(&shared));
        int said = pthread_barrier_wait(&barrier);
        mistakes += said != 0 && said != PTHREAD_BARRIER_SERIAL_THREAD;
    }
    struct timespec when = in_ms(CLOCK_REALTIME, 30);
    double begun = now_ms();
    pthread_cond_t nobody = PTHREAD_COND_INITIALIZER;
    pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
    zero(pthread_mutex_lock(&own));
    int said;
    while ((said = pthread_cond_timedwait(&nobody, &own, &when)) == 0)
        ; // it may wake for no reason
    mistakes += said != ETIMEDOUT || now_ms() - begun < 29;
    zero(pthread_mutex_unlock(&own));
    return NULL;
}

static void *late(void *arg)
{
    pause_ms(20);
    return arg;
}

int main(void)
{
    zero(pthread_barrier_init(&barrier, NULL, 3));
    everywhere(works);
    printf("counter: %ld, mistakes: %ld\n", counter, mistakes);
    printf("joined: %ld\n", unbox(join(start_bitten(late, box(5)))));
    return 0;
}
