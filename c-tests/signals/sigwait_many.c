// Several threads in sigwait for the same signals, which are sent to the process: each signal goes to exactly one of them.
#include "signals.h"

enum { N = 5, EACH = 40 };
static sigset_t set;
static atomic_int taken[N + 1], sum;
static int ends[2];

static void *waits(void *arg)
{
    siginfo_t info;
    for (;;) {
        while (sigwaitinfo(&set, &info) == -1)
            if (errno != EINTR) // which is what it says if another was quicker
                die("sigwaitinfo");
        if (info.si_signo == SIGRTMIN + 1)
            return NULL;
        taken[unbox(arg)]++;
        sum += info.si_value.sival_int;
        must(write(ends[1], "t", 1));
    }
}

int main(void)
{
    pthread_t threads[N];
    char bytes[EACH];
    int all = 0, busy = 0;

    must(pipe(ends));
    set = only(SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    for (int i = 0; i < N; i++)
        threads[i] = start(waits, box(i));
    // Some at once, some one by one.
    for (int i = 0; i < EACH / 2; i++)
        must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    read_all(ends[0], bytes, EACH / 2);
    for (int i = EACH / 2; i < EACH; i++) {
        must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
        read_all(ends[0], bytes, 1);
    }
    // One each, that ends it.
    for (int i = 0; i < N; i++)
        must(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 0}));
    for (int i = 0; i < N; i++) {
        join(threads[i]);
        all += taken[i];
        busy += taken[i] > 0;
    }
    printf("taken: %d of %d, values right: %s, by one or more: %s\n", all, EACH, yes(sum == EACH * (EACH - 1) / 2), yes(busy >= 1));
    printf("left over: %d %d\n", is_pending(SIGRTMIN), is_pending(SIGRTMIN + 1));
    return 0;
}
