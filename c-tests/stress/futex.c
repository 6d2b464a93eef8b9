// A mutex and a condition variable as one builds them on futex(2) oneself: WAIT, WAKE, CMP_REQUEUE, WAKE_OP; and a ring of
// threads that wait for their turn by WAIT_BITSET. Once with private words, once with words that other processes could share.
#include "crowd.h"
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>

enum { THREADS = 200, EACH = 1500, ROOM = 64, RING = 32, LAPS = 300 };

static int private;
static uint32_t lock, not_empty, not_full, turn;
static long held, most, given, taken, laps;
static struct guarded guarded;

static long futex(uint32_t *word, int op, uint32_t value, const void *time_or_count, uint32_t *word2, uint32_t value3)
{
    long result = syscall(SYS_futex, word, op | private, value, time_or_count, word2, value3);
    if (result == -1 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        die("futex");
    return result;
}

// 0 is free, 1 is held, 2 is held and others may wait.
static void lock_contended(void)
{
    while (__atomic_exchange_n(&lock, 2, __ATOMIC_SEQ_CST) != 0)
        futex(&lock, FUTEX_WAIT, 2, NULL, NULL, 0);
}

static void lock_it(void)
{
    uint32_t free = 0;
    if (!__atomic_compare_exchange_n(&lock, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        lock_contended();
}

static void unlock_it(void)
{
    if (__atomic_exchange_n(&lock, 0, __ATOMIC_SEQ_CST) == 2)
        futex(&lock, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void wait_for(uint32_t *cond)
{
    uint32_t seen = __atomic_load_n(cond, __ATOMIC_SEQ_CST);
    unlock_it();
    futex(cond, FUTEX_WAIT, seen, NULL, NULL, 0);
    lock_contended();
}

// Wakes one, and has the others wait for the lock, which is held.
static void wake_all(uint32_t *cond)
{
    uint32_t now = __atomic_add_fetch(cond, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&lock, 2, __ATOMIC_SEQ_CST);
    while (futex(cond, FUTEX_CMP_REQUEUE, 1, (void *)(long)INT_MAX, &lock, now) == -1)
        now = __atomic_load_n(cond, __ATOMIC_SEQ_CST);
}

// Wakes one that waits for the condition, frees the lock, and wakes one that waits for that, all in one call.
static void wake_one_and_unlock(uint32_t *cond)
{
    __atomic_add_fetch(cond, 1, __ATOMIC_SEQ_CST);
    futex(cond, FUTEX_WAKE_OP, 1, (void *)1l, &lock, FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_GT, 1));
}

static void move(int gives, long step)
{
    uint32_t *mine = gives ? &not_full : &not_empty, *theirs = gives ? &not_empty : &not_full;
    lock_it();
    while (held == (gives ? ROOM : 0))
        wait_for(mine);
    held += gives ? 1 : -1;
    most = held > most ? held : most;
    *(gives ? &given : &taken) += 1;
    visit(&guarded, step % 1000 == 0);
    if (step % 64 == 0) {
        wake_all(theirs);
        unlock_it();
    } else {
        wake_one_and_unlock(theirs);
    }
}

// Each has a bit of its own among those who wait for the same word.
static void go_round(uint32_t number)
{
    struct timespec until = in_ms(CLOCK_MONOTONIC, 60000);
    for (uint32_t lap = 0; lap < LAPS; lap++) {
        uint32_t now;
        while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) != lap * RING + number)
            futex(&turn, FUTEX_WAIT_BITSET, now, &until, NULL, 1u << number);
        laps++;
        __atomic_store_n(&turn, now + 1, __ATOMIC_SEQ_CST);
        futex(&turn, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, 1u << (number + 1) % RING);
    }
}

static void *run(void *arg)
{
    long number = unbox(arg);
    if (number < RING)
        go_round(number);
    for (long i = 0; i < EACH; i++)
        move(number % 2, i);
    return box(EACH);
}

static void stress(const char *name, int flag)
{
    private = flag;
    lock = not_empty = not_full = turn = 0;
    held = most = given = taken = laps = 0;
    guarded = (struct guarded){0};
    long operations = crowd(THREADS, run);
    printf("%s\n  operations: %ld\n", name, operations);
    printf("  given: %ld; taken: %ld; never more than there is room: %s\n", given, taken, yes(most <= ROOM));
    printf("  turns in the ring: %ld\n", laps);
    printf("  invariant held: %s\n", yes(whole(&guarded, operations)));
}

int main(void)
{
    stress("private", FUTEX_PRIVATE_FLAG);
    stress("shared", 0);
    return 0;
}
