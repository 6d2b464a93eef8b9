// Threads by clone(2) alone, without TLS, wake others by changing a shared word and futex(2). Others wait for their end by futex(2)
// on the word that the kernel clears, as anybody does who calls clone.
#include "clone.h"

enum { CLONES = 3, WAITERS = 4 };
static struct {
    uint32_t word;
    pid_t id;
} clones[CLONES];

static int change_word(void *arg)
{
    uint32_t *word = &clones[unbox(arg)].word;
    struct timespec pause = {0, 20000000};
    raw(SYS_nanosleep, (long)&pause, 0, 0, 0);
    __atomic_store_n(word, 7, __ATOMIC_SEQ_CST);
    raw(SYS_futex, (long)word, FUTEX_WAKE, INT32_MAX, 0);
    return 0;
}

static void *wait_for_word(void *arg)
{
    uint32_t *word = &clones[unbox(arg)].word;
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0)
        syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
    return box(__atomic_load_n(word, __ATOMIC_SEQ_CST));
}

static void *wait_for_end(void *arg)
{
    pid_t *id = &clones[unbox(arg)].id, now;
    start_clone(change_word, arg, id);
    while ((now = __atomic_load_n(id, __ATOMIC_SEQ_CST)) != 0)
        syscall(SYS_futex, id, FUTEX_WAIT, now, NULL, NULL, 0);
    return box(__atomic_load_n(&clones[unbox(arg)].word, __ATOMIC_SEQ_CST));
}

int main(void)
{
    pthread_t waiters[CLONES][WAITERS], makers[CLONES];
    for (long i = 0; i < CLONES; i++) {
        for (int k = 0; k < WAITERS; k++)
            waiters[i][k] = start(wait_for_word, box(i));
        makers[i] = start(wait_for_end, box(i));
    }
    for (int i = 0; i < CLONES; i++) {
        long sum = 0;
        for (int k = 0; k < WAITERS; k++)
            sum += unbox(join(waiters[i][k]));
        printf("clone %d: its waiters saw %ld in all; gone with %ld\n", i, sum, unbox(join(makers[i])));
    }
    return 0;
}
