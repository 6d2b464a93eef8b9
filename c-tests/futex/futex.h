// futex(2), as programs call it that have no libc function for it.
#include "fixture.h"
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

static inline long futex(void *word, int operation, unsigned value, const void *time_or_count, void *second, unsigned third)
{
    return syscall(SYS_futex, word, operation, value, time_or_count, second, third);
}

// The count that REQUEUE and WAKE_OP take where others take a time.
static inline const void *count(long number)
{
    return (const void *)number;
}

static inline long wake(void *word, int flags, unsigned most)
{
    return futex(word, FUTEX_WAKE | flags, most, NULL, NULL, 0);
}

// Wakes until so many have been woken: they may still be on their way to the wait. Returns how many were.
static inline long wake_exactly(void *word, int flags, long wanted)
{
    long woken = 0;
    for (double until = now_ms() + 20000; woken < wanted && now_ms() < until; usleep(500))
        woken += must(wake(word, flags, wanted - woken));
    return woken;
}

// Moves those who wait until so many have been moved, in the same way.
static inline long move_exactly(void *from, void *to, int flags, long wanted)
{
    long moved = 0;
    for (double until = now_ms() + 20000; moved < wanted && now_ms() < until; usleep(500))
        moved += must(futex(from, FUTEX_REQUEUE | flags, 0, count(wanted - moved), to, 0));
    return moved;
}
