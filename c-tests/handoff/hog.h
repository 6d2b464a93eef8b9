// What hogs do: compute without a call that would let another thread run.
#ifndef HOG_H
#define HOG_H
#include "fixture.h"
#include <stdatomic.h>

// A step of a hash, slow enough that no compiler removes it and quick enough to be done by the million.
static inline uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdu;
    hash ^= hash >> 29;
    return hash + 0x9e3779b97f4a7c15u;
}

// Computes until the flag is set; returns a number that is not 0.
static inline uint64_t hog_until(atomic_int *flag)
{
    uint64_t hash = 1;
    while (!atomic_load_explicit(flag, memory_order_acquire))
        hash = mix(hash);
    return hash | 1;
}

// Computes for so long.
static inline uint64_t hog_ms(double ms)
{
    uint64_t hash = 1;
    for (double end = now_ms() + ms; now_ms() < end;)
        for (int i = 0; i < 5000; i++)
            hash = mix(hash);
    return hash | 1;
}

// Sends back what comes until the end; returns how many bytes came.
static inline void *echo(void *fd)
{
    char byte;
    long count = 0;
    while (must(read((int)unbox(fd), &byte, 1)) == 1) {
        must(write((int)unbox(fd), &byte, 1));
        count++;
    }
    return box(count);
}

// Sends so many bytes to an echo and wants them back; returns how many were right.
static inline long talk(int fd, int rounds)
{
    long right = 0;
    for (int i = 0; i < rounds; i++) {
        char sent = 'a' + i % 26, got = 0;
        must(write(fd, &sent, 1));
        must(read(fd, &got, 1));
        right += got == sent;
    }
    return right;
}

#endif
