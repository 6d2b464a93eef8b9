// Three hundred wait at each of two words, some of them for a moment only. FUTEX_WAKE of all wakes each waiter of its word
// once, however many those are and whoever leaves meanwhile, and none of the other word's.
#include "futex.h"
#include <limits.h>

enum { N = 300, ROUNDS = 20 };
static unsigned words[2];
static atomic_int asleep[2], woken[2], timed_out;

static void *waiter(void *place)
{
    int which = (int)(unbox(place) & 1), impatient = unbox(place) % 8 >= 6;
    struct timespec moment = {.tv_nsec = 1000000 + unbox(place) * 5000};
    for (unsigned round = 0; round < ROUNDS; round++) {
        atomic_fetch_add(&asleep[which], 1);
        while (__atomic_load_n(&words[which], __ATOMIC_SEQ_CST) == round) {
            long r = futex(&words[which], FUTEX_WAIT_PRIVATE, round, impatient ? &moment : NULL, NULL, 0);
            if (r == 0)
                atomic_fetch_add(&woken[which], 1);
            else if (errno == ETIMEDOUT)
                atomic_fetch_add(&timed_out, 1);
            else if (errno != EAGAIN)
                die("FUTEX_WAIT");
        }
    }
    return NULL;
}

int main(void)
{
    static pthread_t threads[2 * N];
    long answered[2] = {0, 0};
    for (int i = 0; i < 2 * N; i++)
        threads[i] = start_small(waiter, box(i));
    for (int round = 0; round < ROUNDS; round++)
        for (int which = 0; which < 2; which++) {
            while (atomic_load(&asleep[which]) < N * (round + 1))
                usleep(500);
            usleep(2000);
            __atomic_store_n(&words[which], round + 1, __ATOMIC_SEQ_CST);
            answered[which] += must(futex(&words[which], FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
        }
    for (int i = 0; i < 2 * N; i++)
        join(threads[i]);
    for (int which = 0; which < 2; which++)
        printf("word %d: as many woken as the calls said: %s\n", which,
               answered[which] == atomic_load(&woken[which]) ? "yes" : "no");
    printf("some left by themselves: %s\n", atomic_load(&timed_out) > 0 ? "yes" : "no");
    printf("left to wake: %ld\n", must(futex(&words[0], FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0)));
    return 0;
}
