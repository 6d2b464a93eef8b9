// raise, pthread_kill and tgkill to oneself: the handler has run on this thread when the call returns.
#include "signals.h"
#include <sys/syscall.h>

enum { N = 20, ROUNDS = 50 };
static __thread volatile int count;

static void handler(int number)
{
    (void)number;
    count++;
}

static void *raises(void *unused)
{
    long right = 0;
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        raise(SIGUSR1);
        right += count == 4 * i + 1;
        pthread_kill(pthread_self(), SIGUSR1);
        right += count == 4 * i + 2;
        syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
        right += count == 4 * i + 3;
        pthread_sigqueue(pthread_self(), SIGUSR1, (union sigval){.sival_int = i});
        right += count == 4 * i + 4;
        sched_yield();
    }
    return box(right);
}

// Blocked, it waits for the mask to open.
static void *raises_blocked(void *unused)
{
    int before = count;
    block(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("blocked: %d", count - before);
    usleep(1000);
    printf(", still: %d", count - before);
    unblock(SIGUSR1);
    printf(", unblocked: %d\n", count - before);
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    int right = 0;
    signal(SIGUSR1, handler);
    for (int i = 0; i < N; i++)
        threads[i] = start(raises, NULL);
    printf("main: %ld\n", unbox(raises(NULL)));
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i])) == 4 * ROUNDS;
    printf("threads for which all was right: %d of %d\n", right, N);
    join(start(raises_blocked, NULL));
    raises_blocked(NULL);
    return 0;
}
