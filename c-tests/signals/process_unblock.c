// A signal to the process that all threads block stays pending until one unblocks it: there its handler runs, before pthread_sigmask
// returns. First a worker, then main, then a worker that opens and closes its mask again and again, then one whose sigsuspend does it.
#include "signals.h"

static atomic_int count;
static _Atomic(pthread_t) ran_on;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    ran_on = pthread_self();
    count++;
}

static void open_mask(const char *who)
{
    int before = count;
    printf("%s: pending %d,", who, is_pending(SIGUSR1));
    unblock(SIGUSR1);
    printf(" handled %d, here: %s, pending %d\n", count - before, yes(pthread_equal(ran_on, pthread_self())), is_pending(SIGUSR1));
    block(SIGUSR1);
}

static void *worker(void *unused)
{
    open_mask("worker");
    return unused;
}

static void *many_times(void *unused)
{
    int right = 0;
    for (int i = 0; i < 200; i++) {
        int before = count;
        must(kill(getpid(), SIGUSR1));
        int early = count != before;
        unblock(SIGUSR1);
        right += !early && count == before + 1 && pthread_equal(ran_on, pthread_self());
        block(SIGUSR1);
        if (i % 10 == 0)
            usleep(100);
    }
    printf("again and again: %d of 200\n", right);
    return unused;
}

static void *suspends(void *unused)
{
    sigset_t none;
    int before = count;
    sigemptyset(&none);
    printf("sigsuspend: %s", answer(sigsuspend(&none)));
    printf(", handled %d, here: %s, blocked again: %d\n", count - before, yes(pthread_equal(ran_on, pthread_self())), is_blocked(SIGUSR1));
    return unused;
}

static struct gate done = GATE_CLOSED;

static void *bystander(void *unused)
{
    gate_wait(&done);
    return unused;
}

int main(void)
{
    handle(SIGUSR1, handler, 0);
    block(SIGUSR1);
    pthread_t other = start(bystander, NULL);

    must(kill(getpid(), SIGUSR1));
    join(start(worker, NULL));

    must(kill(getpid(), SIGUSR1));
    must(kill(getpid(), SIGUSR1)); // merges
    open_mask("main");

    join(start(many_times, NULL));
    must(kill(getpid(), SIGUSR1));
    join(start(suspends, NULL));
    gate_open(&done);
    join(other);
    printf("handled: %d\n", (int)count);
    return 0;
}
