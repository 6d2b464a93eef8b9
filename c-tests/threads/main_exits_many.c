// main leaves by pthread_exit with many detached and joinable threads still waiting for each other.
#include "fixture.h"

enum { N = 100 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_came = PTHREAD_COND_INITIALIZER;
static long turn;

static void *in_turn(void *arg)
{
    pthread_mutex_lock(&lock);
    while (turn != unbox(arg))
        pthread_cond_wait(&turn_came, &lock);
    if (turn % 25 == 0)
        printf("turn %ld\n", turn);
    turn++;
    pthread_cond_broadcast(&turn_came);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    for (long i = N; i >= 0; i--) {
        pthread_t thread = start(in_turn, box(i));
        if (i % 2)
            pthread_detach(thread);
    }
    pthread_exit(NULL);
}
