// One broadcast wakes all 200; the last one out destroys the condition, and frees it, as POSIX allows.
#include "fixture.h"

enum { N = 200, ROUNDS = 5 };
struct party {
    pthread_mutex_t lock;
    pthread_cond_t begins, all_here;
    int here, begun;
};

static void *guest(void *arg)
{
    struct party *party = arg;
    long spurious = 0;
    pthread_mutex_lock(&party->lock);
    if (++party->here == N)
        pthread_cond_signal(&party->all_here);
    while (!party->begun) {
        pthread_cond_wait(&party->begins, &party->lock);
        spurious += !party->begun;
    }
    pthread_mutex_unlock(&party->lock);
    return box(spurious < 100);
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[N];
        long woken = 0;
        struct party *party = calloc(1, sizeof *party);
        zero(pthread_mutex_init(&party->lock, NULL));
        zero(pthread_cond_init(&party->begins, NULL));
        zero(pthread_cond_init(&party->all_here, NULL));
        for (int i = 0; i < N; i++)
            threads[i] = start_small(guest, party);

        pthread_mutex_lock(&party->lock);
        while (party->here < N)
            pthread_cond_wait(&party->all_here, &party->lock);
        party->begun = 1;
        pthread_cond_broadcast(&party->begins);
        pthread_mutex_unlock(&party->lock);
        // All are woken: destroying the condition now is allowed, and waits until nobody touches it.
        zero(pthread_cond_destroy(&party->begins));
        memset(&party->begins, 0xee, sizeof party->begins);

        for (int i = 0; i < N; i++)
            woken += unbox(join(threads[i]));
        printf("round %d: %ld woken\n", round, woken);
        zero(pthread_cond_destroy(&party->all_here));
        zero(pthread_mutex_destroy(&party->lock));
        free(party);
    }
    return 0;
}
