// How late do sleepers wake when others compute? Many threads take naps of 1 to 20 ms while four threads are busy.
//
//     compute_timers KIND ROUNDS [SLEEPERS [SECONDS]]      ROUNDS is what takes 1 ms: `compute calibrate 1` says
//
//     none      nobody is busy
//     yield     1 ms of computing, sched_yield, and again
//     pipe      1 ms of computing, 64 bytes written to an own pipe and read from it, and again
//     hogs      computing without any call, to the end
//
// Prints one line of key=value: naps; p50_us, p99_us, p999_us, max_us: how much longer than asked for a nap was; short:
// naps that ended early; bursts: milliseconds' worth of computing that the busy threads did per second, all together (who
// lets the sleepers go first by starving the others shows it here); cpu: percent of a processor; stalled=1 alone
// when no nap ended. Run by scripts/bench/timers.sh.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "work.h"

#define BUSY 4
#define MILLISECOND 1000000ull

struct sleeper {
    pthread_t thread;
    uint64_t random;
    uint32_t *late; // microseconds, of each nap
    long naps, small;
};

struct busy {
    pthread_t thread;
    int fds[2];
    long bursts;
    uint64_t sink;
};

static long rounds, room;
// Naps count that end after `start` and begin before `end`; the end is known as the processor's time stamp too.
static uint64_t start, end, end_ticks;
static void (*between)(struct busy *);

static void *nap(void *arg) {
    struct sleeper *s = arg;
    uint64_t from;
    while ((from = now()) < end && s->naps < room) {
        s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
        uint64_t wanted = MILLISECOND + (s->random >> 33) % (19 * MILLISECOND);
        struct timespec t = {0, wanted};
        if (nanosleep(&t, NULL) != 0)
            abort();
        uint64_t took = now() - from;
        if (took < wanted)
            s->small++;
        else if (from + took >= start)
            s->late[s->naps++] = (took - wanted) / 1000;
    }
    return arg;
}

static void yield(struct busy *b) {
    (void)b;
    sched_yield();
}

static void through_pipe(struct busy *b) {
    char data[64] = {0};
    if (write(b->fds[1], data, sizeof data) != sizeof data || read(b->fds[0], data, sizeof data) != sizeof data)
        abort();
}

static void nothing(struct busy *b) { (void)b; }

// The end comes by the time stamp counter: a hog must not even read a clock by a call.
static void *compute(void *arg) {
    struct busy *b = arg;
    while (__rdtsc() < end_ticks) {
        b->sink = hash(b->sink, rounds);
        b->bursts++;
        between(b);
    }
    return arg;
}

static double ticks_per_ns(void) {
    uint64_t from = now(), ticks = __rdtsc(), at;
    while ((at = now()) < from + 20 * MILLISECOND)
        ;
    return (double)(__rdtsc() - ticks) / (at - from);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void create(pthread_t *thread, void *(*run)(void *), void *arg) {
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 * 1024);
    if (pthread_create(thread, &attr, run, arg) != 0) {
        fprintf(stderr, "compute_timers: pthread_create failed\n");
        exit(1);
    }
}

int main(int argc, char **argv) {
    const char *kind = argc > 2 ? argv[1] : "";
    int count = argc > 3 ? atoi(argv[3]) : 1000, busy_count = BUSY;
    double seconds = argc > 4 ? atof(argv[4]) : 3;
    struct sleeper *sleepers = calloc(count, sizeof *sleepers);
    struct busy busy[BUSY] = {0};
    long naps = 0, small = 0, bursts = 0;

    if (strcmp(kind, "none") == 0)
        busy_count = 0;
    else if (strcmp(kind, "yield") == 0)
        between = yield;
    else if (strcmp(kind, "pipe") == 0)
        between = through_pipe;
    else if (strcmp(kind, "hogs") == 0)
        between = nothing;
    else {
        fprintf(stderr, "usage: compute_timers none|yield|pipe|hogs ROUNDS [SLEEPERS [SECONDS]]\n");
        return 2;
    }
    rounds = atol(argv[2]);
    room = seconds * 1000 + 1; // a nap is a millisecond at least
    double ticks = ticks_per_ns();
    start = now() + 300 * MILLISECOND; // by then all exist
    end = start + (uint64_t)(seconds * 1e9);
    end_ticks = __rdtsc() + (uint64_t)((end - now()) * ticks);

    for (int i = 0; i < count; i++) {
        sleepers[i].random = i + 1;
        sleepers[i].late = malloc(room * sizeof *sleepers[i].late);
        create(&sleepers[i].thread, nap, &sleepers[i]);
    }
    uint64_t from = now(), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < busy_count; i++) {
        busy[i].sink = i;
        if (pipe(busy[i].fds) != 0)
            abort();
        create(&busy[i].thread, compute, &busy[i]);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(sleepers[i].thread, NULL);
        naps += sleepers[i].naps;
        small += sleepers[i].small;
    }
    for (int i = 0; i < busy_count; i++) {
        pthread_join(busy[i].thread, NULL);
        bursts += busy[i].bursts;
    }
    uint64_t took = now() - from;
    cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    uint32_t *late = malloc((naps + 1) * sizeof *late);
    long at = 0;
    for (int i = 0; i < count; i++) {
        memcpy(late + at, sleepers[i].late, sleepers[i].naps * sizeof *late);
        at += sleepers[i].naps;
    }
    qsort(late, naps, sizeof *late, by_value);
#define PART(p) late[(long)((p) * (naps - 1) + 0.5)]
    if (naps == 0) {
        printf("stalled=1 short=%ld\n", small);
        return 1;
    }
    printf("naps=%ld p50_us=%u p99_us=%u p999_us=%u max_us=%u short=%ld bursts=%.0f cpu=%.0f\n", naps, PART(0.5), PART(0.99),
           PART(0.999), PART(1), small, bursts * 1e9 / took, 100.0 * cpu / took);
    return small != 0;
}
