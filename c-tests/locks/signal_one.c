// A signal wakes at least one waiter, and one that nobody waits for is forgotten; ping-pong by two conditions.
#include "fixture.h"

enum { WAITERS = 10, ROUNDS = 1000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t token_came = PTHREAD_COND_INITIALIZER, taken = PTHREAD_COND_INITIALIZER;
static int tokens, got, turn;

static void *waiter(void *arg)
{
    pthread_mutex_lock(&lock);
    while (tokens == 0)
        pthread_cond_wait(&token_came, &lock);
    tokens--;
    got++;
    pthread_cond_signal(&taken);
    pthread_mutex_unlock(&lock);
    return arg;
}

static pthread_cond_t turns[2] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER};

static void *player(void *arg)
{
    long me = unbox(arg);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_mutex_lock(&lock);
        while (turn % 2 != me)
            pthread_cond_wait(&turns[me], &lock);
        turn++;
        pthread_mutex_unlock(&lock);
        pthread_cond_signal(&turns[1 - me]); // not holding the mutex
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[WAITERS];

    zero(pthread_cond_signal(&token_came)); // nobody is there to hear
    zero(pthread_cond_broadcast(&token_came));
    for (int i = 0; i < WAITERS; i++)
        threads[i] = start(waiter, NULL);
    for (int i = 1; i <= WAITERS; i++) {
        pthread_mutex_lock(&lock);
        tokens++;
        pthread_cond_signal(&token_came);
        while (got < i) // exactly one takes it
            pthread_cond_wait(&taken, &lock);
        printf("tokens given %d, taken %d, left %d\n", i, got, tokens);
        pthread_mutex_unlock(&lock);
    }
    for (int i = 0; i < WAITERS; i++)
        join(threads[i]);

    threads[0] = start(player, box(0));
    threads[1] = start(player, box(1));
    join(threads[0]);
    join(threads[1]);
    printf("turns: %d\n", turn);
    return 0;
}
