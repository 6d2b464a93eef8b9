// sem_wait, sem_timedwait and sem_clockwait, which a handler may interrupt: no post is lost or taken twice, no time-out is early.
#include "../fixture.h"
#include "eintr.h"
#include <semaphore.h>

enum { COUNT = 30 };
static sem_t ping, pong, nobody;
static _Atomic long mistakes;

static void *answers(void *arg)
{
    for (int i = 0; i < COUNT; i++) {
        go_on(sem_wait(&ping));
        if (i % 6 == 0)
            pause_ms(3);
        must(sem_post(&pong));
    }
    return arg;
}

static void *times_out(void *arg)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 40);
    double begun = now_ms();
    mistakes += TEMP_FAILURE_RETRY(sem_timedwait(&nobody, &when)) != -1 || errno != ETIMEDOUT;
    mistakes += now_ms() - begun < 39;
    when = in_ms(CLOCK_MONOTONIC, 40);
    begun = now_ms();
    mistakes += TEMP_FAILURE_RETRY(sem_clockwait(&nobody, CLOCK_MONOTONIC, &when)) != -1 || errno != ETIMEDOUT;
    mistakes += now_ms() - begun < 39;
    return arg;
}

int main(void)
{
    int left;
    must(sem_init(&ping, 0, 0));
    must(sem_init(&pong, 0, 0));
    must(sem_init(&nobody, 0, 0));
    pthread_t thread = start_bitten(answers, NULL);
    for (int i = 0; i < COUNT; i++) {
        struct timespec when = in_ms(CLOCK_REALTIME, 10000);
        must(sem_post(&ping));
        if (i % 2)
            go_on(sem_wait(&pong));
        else
            go_on(sem_timedwait(&pong, &when));
    }
    join(thread);
    must(sem_getvalue(&ping, &left));
    printf("ping: %d left\n", left);
    must(sem_getvalue(&pong, &left));
    printf("pong: %d left\n", left);
    everywhere(times_out);
    printf("mistakes: %ld\n", mistakes);
    return 0;
}
