// A thread's CPU clock advances while it computes, for itself and for others, and stands still while it waits and others compute.
#include "fixture.h"
#include <stdatomic.h>

static atomic_int phase;
static struct gate rest = GATE_CLOSED;

static double read_ms(clockid_t clock)
{
    struct timespec now;
    must(clock_gettime(clock, &now));
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static clockid_t clock_of(pthread_t thread)
{
    clockid_t clock;
    zero(pthread_getcpuclockid(thread, &clock));
    return clock;
}

// Computes until the clock has gone on by so much; whether it did before ten seconds were over.
static int advances(clockid_t clock, double ms)
{
    double begin = read_ms(clock), limit = now_ms() + 10000;
    while (read_ms(clock) - begin < ms)
        if (now_ms() > limit)
            return 0;
    return 1;
}

static void own(const char *who)
{
    clockid_t mine = clock_of(pthread_self());
    printf("%s: computing %s", who, yes(advances(mine, 20)));
    printf(" %s", yes(advances(CLOCK_THREAD_CPUTIME_ID, 20)));
    double before = read_ms(mine), before_too = read_ms(CLOCK_THREAD_CPUTIME_ID);
    usleep(100000);
    printf(", asleep %s %s", yes(read_ms(mine) - before > 50), yes(read_ms(CLOCK_THREAD_CPUTIME_ID) - before_too > 50));
    before = read_ms(mine), before_too = read_ms(CLOCK_THREAD_CPUTIME_ID);
    double difference = before_too - before;
    printf(", both the same: %s\n", yes(difference > -10 && difference < 10));
}

static void *thread(void *unused)
{
    own("a thread");
    return unused;
}

static void *computes_then_rests(void *unused)
{
    while (phase == 0)
        ;
    gate_wait(&rest);
    return unused;
}

static void *computes(void *ms)
{
    return box(advances(clock_of(pthread_self()), unbox(ms)));
}

int main(void)
{
    struct timespec resolution;
    own("main");
    join(start(thread, NULL));

    pthread_t other = start(computes_then_rests, NULL);
    clockid_t theirs = clock_of(other);
    double begin = read_ms(theirs), limit = now_ms() + 10000;
    while (read_ms(theirs) - begin < 20 && now_ms() < limit)
        usleep(1000);
    printf("another's, computing: %s\n", yes(read_ms(theirs) - begin >= 20));
    phase = 1;
    usleep(20000);
    begin = read_ms(theirs);
    printf("a third computes: %ld\n", unbox(join(start(computes, box(100)))));
    printf("the resting one's went on meanwhile: %s\n", yes(read_ms(theirs) - begin > 50));
    printf("resolution: %s", answer(clock_getres(theirs, &resolution)));
    printf(", fine: %s\n", yes(resolution.tv_sec == 0 && resolution.tv_nsec < 100000000));
    printf("to set it: %s\n", yes(clock_settime(theirs, &resolution) == -1));
    printf("less than the process's: %s\n", yes(read_ms(theirs) <= read_ms(CLOCK_PROCESS_CPUTIME_ID)));
    gate_open(&rest);
    join(other);
    return 0;
}
