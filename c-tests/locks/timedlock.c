// trylock, timedlock and clocklock of a mutex that another thread holds.
#include "fixture.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gate taken = GATE_CLOSED, release_it = GATE_CLOSED;

static void *holder(void *arg)
{
    zero(pthread_mutex_lock(&lock));
    gate_open(&taken);
    gate_wait(&release_it);
    usleep(20 * 1000); // main is in its long timedlock by now, or will find the mutex free
    zero(pthread_mutex_unlock(&lock));
    return arg;
}

static void timed(const char *what, int error, double since)
{
    printf("%s: %s, waited: %s\n", what, error_name(error), yes(now_ms() - since >= 49));
}

static void *tries(void *arg)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 50), bad = {when.tv_sec, 1000000000}, past = {1, 0};
    double since = now_ms();

    printf("trylock: %s\n", error_name(pthread_mutex_trylock(&lock)));
    timed("timedlock", pthread_mutex_timedlock(&lock, &when), since);
    since = now_ms();
    when = in_ms(CLOCK_MONOTONIC, 50);
    timed("clocklock, monotonic", pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &when), since);
    since = now_ms();
    when = in_ms(CLOCK_REALTIME, 50);
    timed("clocklock, realtime", pthread_mutex_clocklock(&lock, CLOCK_REALTIME, &when), since);
    printf("in the past: %s\n", error_name(pthread_mutex_timedlock(&lock, &past)));
    printf("nanoseconds out of range: %s\n", error_name(pthread_mutex_timedlock(&lock, &bad)));
    printf("no such clock: %s\n", error_name(pthread_mutex_clocklock(&lock, CLOCK_PROCESS_CPUTIME_ID, &when)));
    return arg;
}

int main(void)
{
    pthread_t thread = start(holder, NULL);
    gate_wait(&taken);
    printf("main\n");
    tries(NULL);
    printf("a thread\n");
    join(start(tries, NULL));

    gate_open(&release_it);
    struct timespec when = in_ms(CLOCK_REALTIME, 30000), past = {1, 0};
    printf("timedlock until it is free: %s\n", error_name(pthread_mutex_timedlock(&lock, &when)));
    zero(pthread_mutex_unlock(&lock));
    printf("a free one, in the past: %s\n", error_name(pthread_mutex_timedlock(&lock, &past)));
    zero(pthread_mutex_unlock(&lock));
    join(thread);
    return 0;
}
