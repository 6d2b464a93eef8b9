// Threads that sleep by nanosleep, usleep, sleep, clock_nanosleep (relative, absolute) wake in order of their time.
#include "fixture.h"

enum { N = 6 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { const char *name; long ms; } sleepers[N] = {
    // 150 ms apart: a busy machine may delay one, but hardly by that much
    {"sleep", 1000},
    {"nanosleep", 250},
    {"usleep", 100},
    {"clock_nanosleep relative", 400},
    {"clock_nanosleep absolute, monotonic", 700},
    {"clock_nanosleep absolute, realtime", 550},
};
static int order[N], woken;
static struct timespec monotonic, realtime;
static struct gate go = GATE_CLOSED;
static double begun;

static struct timespec after(struct timespec time, long ms)
{
    time.tv_nsec += ms * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void *thread(void *arg)
{
    long me = unbox(arg), ms = sleepers[me].ms;
    struct timespec span = {ms / 1000, ms % 1000 * 1000000}, when;
    gate_wait(&go);
    switch (me) {
    case 0: zero(sleep(1)); break;
    case 1: must(nanosleep(&span, NULL)); break;
    case 2: must(usleep(ms * 1000)); break;
    case 3: zero(clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL)); break;
    case 4:
        when = after(monotonic, ms);
        zero(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL));
        break;
    case 5:
        when = after(realtime, ms);
        zero(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, NULL));
        break;
    }
    double slept = now_ms() - begun;
    pthread_mutex_lock(&lock);
    order[woken++] = me;
    pthread_mutex_unlock(&lock);
    return box(slept >= ms - 1);
}

int main(void)
{
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &realtime);
    begun = now_ms();
    gate_open(&go);
    for (int i = 0; i < N; i++)
        printf("%s slept long enough: %s\n", sleepers[i].name, yes(unbox(join(threads[i]))));
    for (int i = 0; i < N; i++)
        printf("%d. %s\n", i + 1, sleepers[order[i]].name);
    return 0;
}
