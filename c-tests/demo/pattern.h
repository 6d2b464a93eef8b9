/* Pseudo-random bytes that the server makes and the load generator checks, both without storing them.
 *
 * Byte i of stream `seed` depends on nothing but (seed, i), so a reply that was cut, shifted, or meant for
 * another connection differs. The mixing function is splitmix64's (Steele, Lea, Flood, OOPSLA 2014). */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t pattern_word(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * 0xd1342543de82ef95u + (index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Writes bytes [offset, offset + len) of the stream to `to`. */
static inline void pattern_fill(uint64_t seed, uint64_t offset, char *to, size_t len)
{
    while (len > 0) {
        uint64_t word = pattern_word(seed, offset / 8);
        size_t skip = offset % 8, n = 8 - skip < len ? 8 - skip : len;
        memcpy(to, (char *)&word + skip, n);
        to += n, offset += n, len -= n;
    }
}

#endif
