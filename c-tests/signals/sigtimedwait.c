// sigtimedwait on twenty threads that wait at the same time: half of them in vain, for as long as they said; bad times; EINTR by a
// handler of another signal.
#include "signals.h"

enum { N = 20 };
static struct gate go = GATE_CLOSED;
static atomic_int waiting, over;

static void handler(int number)
{
    (void)number;
}

static void *waits(void *arg)
{
    struct timespec brief = {0, 50 * 1000000}, long_time = {30, 0};
    sigset_t set = only(SIGRTMIN);
    siginfo_t info;
    gate_wait(&go);
    waiting++;
    if (unbox(arg) % 2)
        return box(sigtimedwait(&set, &info, &long_time) == SIGRTMIN && info.si_value.sival_int == unbox(arg));
    double begin = now_ms();
    int result = sigtimedwait(&set, &info, &brief);
    return box(result == -1 && errno == EAGAIN && now_ms() - begin >= 49 && now_ms() - begin < 5000);
}

static void *is_interrupted(void *unused)
{
    sigset_t set = only(SIGRTMIN);
    siginfo_t info;
    printf("interrupted: %s\n", answer(sigtimedwait(&set, &info, &(struct timespec){30, 0})));
    printf("interrupted without a limit: %s\n", answer(sigwaitinfo(&set, &info)));
    over = 1;
    gate_wait(&go);
    return unused;
}

static void *bad(void *unused)
{
    sigset_t set = only(SIGRTMIN);
    printf("negative: %s", answer(sigtimedwait(&set, NULL, &(struct timespec){0, -1})));
    printf(" %s", answer(sigtimedwait(&set, NULL, &(struct timespec){-1, 0})));
    printf(", too large: %s", answer(sigtimedwait(&set, NULL, &(struct timespec){0, 1000000000})));
    printf(", at once: %s\n", answer(sigtimedwait(&set, NULL, &(struct timespec){0, 0})));
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    int right = 0;
    block(SIGRTMIN);
    signal(SIGUSR1, handler);
    bad(NULL);
    join(start(bad, NULL));

    for (int i = 0; i < N; i++)
        threads[i] = start(waits, box(i));
    gate_open(&go);
    while (waiting < N)
        usleep(1000);
    for (int i = 1; i < N; i += 2)
        zero(pthread_sigqueue(threads[i], SIGRTMIN, (union sigval){.sival_int = i}));
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i])) == 1;
    printf("right: %d of %d\n", right, N);

    go.open = 0;
    pthread_t thread = start(is_interrupted, NULL);
    while (!over) {
        usleep(2000);
        zero(pthread_kill(thread, SIGUSR1));
    }
    gate_open(&go);
    join(thread);
    return 0;
}
