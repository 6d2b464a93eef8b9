// Signals that queue up at one thread: real-time ones all come, in order, the lowest number first; of an ordinary one there is one.
#include "signals.h"

enum { EACH = 5, NUMBERS = 3 };
static struct seen {
    int number, value;
} seen[64];
static atomic_int count;
static struct gate go = GATE_CLOSED, sent = GATE_CLOSED;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)context;
    seen[count++] = (struct seen){number, info->si_value.sival_int};
}

static void tell(const char *how)
{
    printf("%s: %d\n", how, (int)count);
    for (int i = 0; i < count; i++)
        if (seen[i].number >= SIGRTMIN)
            printf("  SIGRTMIN+%d %d\n", seen[i].number - SIGRTMIN, seen[i].value);
        else
            printf("  %s\n", sigabbrev_np(seen[i].number));
    count = 0;
}

static void send_all(pthread_t thread)
{
    for (int i = 0; i < EACH; i++)
        for (int n = NUMBERS - 1; n >= 0; n--)
            zero(pthread_sigqueue(thread, SIGRTMIN + n, (union sigval){.sival_int = 100 * n + i}));
    for (int i = 0; i < EACH; i++)
        zero(pthread_sigqueue(thread, SIGUSR1, (union sigval){.sival_int = i}));
}

static sigset_t all(void)
{
    sigset_t set = only(SIGUSR1);
    for (int n = 0; n < NUMBERS; n++)
        sigaddset(&set, SIGRTMIN + n);
    return set;
}

static void *unblocks(void *unused)
{
    sigset_t set = all();
    gate_wait(&sent);
    printf("while blocked: %d\n", (int)count);
    zero(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
    tell("by the handler");
    return unused;
}

static void *takes(void *unused)
{
    sigset_t set = all();
    struct timespec at_once = {0, 0};
    siginfo_t info;
    gate_wait(&go);
    while (sigtimedwait(&set, &info, &at_once) > 0)
        seen[count++] = (struct seen){info.si_signo, info.si_value.sival_int};
    tell("by sigtimedwait");
    return unused;
}

int main(void)
{
    sigset_t set = all();
    for (int n = 0; n < NUMBERS; n++)
        handle(SIGRTMIN + n, handler, 0);
    handle(SIGUSR1, handler, 0);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));

    pthread_t thread = start(unblocks, NULL);
    send_all(thread);
    gate_open(&sent);
    join(thread);

    thread = start(takes, NULL);
    send_all(thread);
    gate_open(&go);
    join(thread);

    // The same for main, from itself.
    send_all(pthread_self());
    zero(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
    tell("main");
    return 0;
}
