// pthread_cond_timedwait and clockwait on both clocks: running out of time, and being signalled before.
#include "fixture.h"

struct place {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int waiting, ready;
};

static void make(struct place *place, clockid_t clock)
{
    pthread_condattr_t attributes;
    clockid_t reads;
    zero(pthread_condattr_init(&attributes));
    zero(pthread_condattr_setclock(&attributes, clock));
    zero(pthread_condattr_getclock(&attributes, &reads));
    printf("  clock reads back: %s\n", yes(reads == clock));
    zero(pthread_mutex_init(&place->lock, NULL));
    zero(pthread_cond_init(&place->cond, &attributes));
    zero(pthread_condattr_destroy(&attributes));
    place->waiting = place->ready = 0;
}

static void *signals(void *arg)
{
    struct place *place = arg;
    pthread_mutex_lock(&place->lock);
    while (!place->waiting)
        pthread_cond_wait(&place->cond, &place->lock);
    place->ready = 1;
    pthread_cond_broadcast(&place->cond);
    pthread_mutex_unlock(&place->lock);
    return NULL;
}

static int wait_by(struct place *place, clockid_t clock, int clockwait, const struct timespec *when)
{
    return clockwait ? pthread_cond_clockwait(&place->cond, &place->lock, clock, when)
                     : pthread_cond_timedwait(&place->cond, &place->lock, when);
}

static void try_all(clockid_t clock, int clockwait)
{
    struct place place;
    struct timespec when, past = {1, 0}, bad = {1, -1};
    int error = 0;
    // clockwait names its own clock, whatever the condition was made with
    make(&place, clockwait ? (clock == CLOCK_REALTIME ? CLOCK_MONOTONIC : CLOCK_REALTIME) : clock);

    zero(pthread_mutex_lock(&place.lock));
    double before = now_ms();
    when = in_ms(clock, 50);
    while (!place.ready && error == 0)
        error = wait_by(&place, clock, clockwait, &when);
    printf("  nobody signals: %s, waited: %s\n", error_name(error), yes(now_ms() - before >= 49));
    printf("  the mutex is held again: %s\n", error_name(pthread_mutex_trylock(&place.lock)));
    printf("  in the past: %s\n", error_name(wait_by(&place, clock, clockwait, &past)));
    printf("  out of range: %s\n", error_name(wait_by(&place, clock, clockwait, &bad)));

    pthread_t thread = start(signals, &place);
    place.waiting = 1;
    pthread_cond_broadcast(&place.cond);
    when = in_ms(clock, 30000);
    error = 0;
    before = now_ms();
    while (!place.ready && error == 0)
        error = wait_by(&place, clock, clockwait, &when);
    printf("  signalled: %s, long before time: %s\n", error_name(error), yes(now_ms() - before < 10000));
    zero(pthread_mutex_unlock(&place.lock));
    join(thread);
    zero(pthread_cond_destroy(&place.cond));
    zero(pthread_mutex_destroy(&place.lock));
}

static void *everything(void *who)
{
    printf("%s, timedwait, realtime\n", (char *)who);
    try_all(CLOCK_REALTIME, 0);
    printf("%s, timedwait, monotonic\n", (char *)who);
    try_all(CLOCK_MONOTONIC, 0);
    printf("%s, clockwait, realtime\n", (char *)who);
    try_all(CLOCK_REALTIME, 1);
    printf("%s, clockwait, monotonic\n", (char *)who);
    try_all(CLOCK_MONOTONIC, 1);
    return NULL;
}

int main(void)
{
    everything("main");
    join(start(everything, "thread"));
    return 0;
}
