// What the benchmarks of threads that compute share: the clock, and work of which a known amount takes a known time.
#ifndef WORK_H
#define WORK_H
#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static inline uint64_t now(void) { return clock_ns(CLOCK_MONOTONIC); }

// Each round needs the one before: nothing to vectorize, nothing in memory.
static inline uint64_t hash(uint64_t x, long rounds) {
    for (long i = 0; i < rounds; i++) {
        x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull + i;
        x = (x ^ (x >> 29)) * 0xc4ceb9fe1a85ec53ull;
    }
    return x;
}

// How many rounds take so long. The fastest of many tries, since whatever else runs here can only make one slower.
static inline long calibrate(double nanoseconds) {
    const long rounds = 100000;
    volatile uint64_t sink;
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 200; i++) {
        uint64_t start = now();
        sink = hash(i, rounds);
        uint64_t took = now() - start;
        if (took < best)
            best = took;
    }
    (void)sink;
    return nanoseconds * rounds / best;
}

#endif
