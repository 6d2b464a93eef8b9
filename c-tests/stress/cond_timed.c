// Hundreds of threads wait for tokens on four conditions, by timedwait and by clockwait on both clocks, a millisecond at a time.
// Tokens come in bursts, so some waits run out of time; none does so early, and no token is lost.
#include "crowd.h"
#include <semaphore.h>

enum { KINDS = 4, EACH_KIND = 50, WAITERS = KINDS * EACH_KIND, TOKENS = 500, BURST = 250 };
static struct kind {
    clockid_t clock;
    int clockwait;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    struct guarded guarded;
    long tokens, taken, late, early;
} kinds[KINDS] = {
    {.clock = CLOCK_REALTIME},
    {.clock = CLOCK_MONOTONIC},
    {.clock = CLOCK_REALTIME, .clockwait = 1},
    {.clock = CLOCK_MONOTONIC, .clockwait = 1},
};
static sem_t was_late;

// With the lock held.
static int wait_a_little(struct kind *kind)
{
    struct timespec until = in_ms(kind->clock, 1), now;
    leave(&kind->guarded);
    int error = kind->clockwait ? pthread_cond_clockwait(&kind->cond, &kind->lock, kind->clock, &until)
                                : pthread_cond_timedwait(&kind->cond, &kind->lock, &until);
    enter(&kind->guarded);
    if (error == 0)
        return 0;
    if (error != ETIMEDOUT)
        zero(error);
    clock_gettime(kind->clock, &now);
    kind->late++;
    kind->early += now.tv_sec < until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec);
    return 1;
}

static void *take(void *arg)
{
    struct kind *kind = &kinds[unbox(arg) % KINDS];
    int late = 0;
    zero(pthread_mutex_lock(&kind->lock));
    enter(&kind->guarded);
    while (!late) // there are no tokens yet
        late = wait_a_little(kind);
    must(sem_post(&was_late));
    for (int i = 0; i < TOKENS; i++) {
        while (kind->tokens == 0)
            wait_a_little(kind);
        kind->tokens--;
        kind->taken++;
        leave(&kind->guarded);
        zero(pthread_mutex_unlock(&kind->lock));
        zero(pthread_mutex_lock(&kind->lock));
        enter(&kind->guarded);
    }
    leave(&kind->guarded);
    zero(pthread_mutex_unlock(&kind->lock));
    return NULL;
}

static void *give(void *arg)
{
    struct kind *kind = arg;
    struct timespec pause = {0, 1000000};
    for (int i = 1; i <= EACH_KIND * TOKENS; i++) {
        zero(pthread_mutex_lock(&kind->lock));
        enter(&kind->guarded);
        kind->tokens++;
        zero(pthread_cond_signal(&kind->cond));
        leave(&kind->guarded);
        zero(pthread_mutex_unlock(&kind->lock));
        if (i % BURST == 0)
            nanosleep(&pause, NULL);
    }
    return NULL;
}

int main(void)
{
    pthread_t waiters[WAITERS], givers[KINDS];
    zero(sem_init(&was_late, 0, 0));
    for (int i = 0; i < KINDS; i++) {
        pthread_condattr_t attributes;
        zero(pthread_condattr_init(&attributes));
        // clockwait names its own clock, whatever the condition was made with
        int other = kinds[i].clock == CLOCK_REALTIME ? CLOCK_MONOTONIC : CLOCK_REALTIME;
        zero(pthread_condattr_setclock(&attributes, kinds[i].clockwait ? other : kinds[i].clock));
        zero(pthread_mutex_init(&kinds[i].lock, NULL));
        zero(pthread_cond_init(&kinds[i].cond, &attributes));
        zero(pthread_condattr_destroy(&attributes));
    }
    for (long i = 0; i < WAITERS; i++)
        waiters[i] = start_small(take, box(i));
    for (int i = 0; i < WAITERS; i++)
        must(sem_wait(&was_late));
    printf("all ran out of time once\n");
    for (int i = 0; i < KINDS; i++)
        givers[i] = start_small(give, &kinds[i]);
    for (int i = 0; i < KINDS; i++)
        join(givers[i]);
    for (int i = 0; i < WAITERS; i++)
        join(waiters[i]);
    for (int i = 0; i < KINDS; i++) {
        struct kind *kind = &kinds[i];
        printf("%s, %s clock\n", kind->clockwait ? "clockwait" : "timedwait", kind->clock == CLOCK_REALTIME ? "real" : "monotonic");
        printf("  tokens: %ld taken, %ld left\n", kind->taken, kind->tokens);
        printf("  out of time too early: %ld\n", kind->early);
        printf("  invariant held: %s\n", yes(whole(&kind->guarded, kind->guarded.first)));
        printf("  destroy: %s\n", error_name(pthread_cond_destroy(&kind->cond)));
    }
    return 0;
}
