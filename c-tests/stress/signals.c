// Pairs of threads: one reads, waits for a semaphore, or sleeps; the other sends it signals, each when the one before was handled.
// The handlers run on the thread that is meant, each once. A call is interrupted only by the handler that doesn't restart it.
#include "crowd.h"
#include <semaphore.h>
#include <signal.h>

enum { PAIRS = 120, KILLS = 200 };
static struct pair {
    pthread_t target;
    int kind, ends[2];
    sem_t handled, wanted;
    long seen[2], interrupted, done;
} pairs[PAIRS];
static long wrong_thread;
static __thread struct pair *mine;

static void handle(int signal)
{
    int error = errno;
    if (!mine || !pthread_equal(mine->target, pthread_self()))
        count(&wrong_thread);
    mine->seen[signal == SIGUSR2]++;
    sem_post(&mine->handled);
    errno = error;
}

// Returns whether the wait came to its end, and not to EINTR.
static int waits(struct pair *pair)
{
    char c;
    struct timespec nap = {0, 1000000};
    switch (pair->kind) {
    case 0:
        return read(pair->ends[0], &c, 1) == 1;
    case 1:
        return sem_wait(&pair->wanted) == 0;
    default:
        return nanosleep(&nap, NULL) == 0 && counted(&pair->done);
    }
}

static void *target(void *arg)
{
    sigset_t both;
    mine = arg;
    mine->target = pthread_self();
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    zero(pthread_sigmask(SIG_UNBLOCK, &both, NULL));
    must(sem_post(&mine->handled));
    errno = 0;
    while (!waits(mine)) {
        if (errno != 0 && errno != EINTR)
            die("wait");
        mine->interrupted += errno == EINTR;
        errno = 0;
    }
    return NULL;
}

static void *killer(void *arg)
{
    struct pair *pair = arg;
    for (int i = 0; i < KILLS; i++) {
        // A third of the pairs know only the handler that restarts.
        int restarts = (pair - pairs) % 9 < 3 || i % 2;
        while (sem_wait(&pair->handled) != 0)
            ;
        zero(pthread_kill(pair->target, restarts ? SIGUSR2 : SIGUSR1));
        if (i % 10 == 0)
            sched_yield();
    }
    while (sem_wait(&pair->handled) != 0)
        ;
    count(&pair->done);
    must(write(pair->ends[1], "x", 1));
    must(sem_post(&pair->wanted));
    return NULL;
}

int main(void)
{
    pthread_t targets[PAIRS], killers[PAIRS];
    struct sigaction action = {.sa_handler = handle};
    sigset_t both;
    long seen[2] = {0}, wrongly_interrupted = 0, too_often = 0;

    // Who isn't meant has them blocked.
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    zero(pthread_sigmask(SIG_BLOCK, &both, NULL));
    must(sigaction(SIGUSR1, &action, NULL));
    action.sa_flags = SA_RESTART;
    must(sigaction(SIGUSR2, &action, NULL));

    for (int i = 0; i < PAIRS; i++) {
        pairs[i].kind = i % 3;
        must(pipe(pairs[i].ends));
        must(sem_init(&pairs[i].handled, 0, 0));
        must(sem_init(&pairs[i].wanted, 0, 0));
        targets[i] = start_small(target, &pairs[i]);
        killers[i] = start_small(killer, &pairs[i]);
    }
    for (int i = 0; i < PAIRS; i++) {
        join(killers[i]);
        join(targets[i]);
        seen[0] += pairs[i].seen[0];
        seen[1] += pairs[i].seen[1];
        // nanosleep never restarts
        int may_be = pairs[i].kind == 2 ? KILLS : pairs[i].seen[0];
        if (i % 9 < 3 && pairs[i].kind != 2)
            wrongly_interrupted += pairs[i].interrupted;
        too_often += pairs[i].interrupted > may_be;
    }
    printf("handled: %ld and, to restart, %ld\n", seen[0], seen[1]);
    printf("on a wrong thread: %ld\n", wrong_thread);
    printf("interrupted though it restarts: %ld\n", wrongly_interrupted);
    printf("interrupted more often than there were signals: %ld\n", too_often);
    return 0;
}
