// pthread_cond_wait gives a recursive mutex up and takes it again: once held, it is free while one waits.
#include "fixture.h"

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, turns;

// Two threads change turns 1,000 times, each through a lock taken and let go twice.
static void *player(void *arg)
{
    int me = unbox(arg);
    for (int i = 0; i < 500; i++) {
        zero(pthread_mutex_lock(&lock));
        while (turn != me)
            zero(pthread_cond_wait(&changed, &lock));
        zero(pthread_mutex_lock(&lock));
        turn = !me;
        turns++;
        zero(pthread_mutex_unlock(&lock));
        zero(pthread_cond_signal(&changed));
        zero(pthread_mutex_unlock(&lock));
    }
    return NULL;
}

int main(void)
{
    pthread_t zero_thread = start(player, box(0)), one_thread = start(player, box(1));
    join(zero_thread);
    join(one_thread);
    printf("turns: %d\n", turns);
    return 0;
}
