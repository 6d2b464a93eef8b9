// What sigpending tells: what was sent to the process shows on all threads, what was sent to one thread on that one.
#include "signals.h"

static struct gate sent = GATE_CLOSED, looked = GATE_CLOSED;
static atomic_int handled;

static void handler(int number)
{
    (void)number;
    handled++;
}

static void show(const char *who)
{
    printf("%s: USR1 %d, USR2 %d, RTMIN %d, HUP %d\n", who, is_pending(SIGUSR1), is_pending(SIGUSR2), is_pending(SIGRTMIN),
           is_pending(SIGHUP));
}

static void take(const char *who, int number)
{
    struct timespec at_once = {0, 0};
    sigset_t set = only(number);
    printf("%s takes: %s\n", who, yes(sigtimedwait(&set, NULL, &at_once) == number));
}

static void *meant(void *unused)
{
    gate_wait(&sent);
    show("the one that is meant");
    take("the one that is meant", SIGRTMIN);
    show("the one that is meant");
    gate_open(&looked);
    return unused;
}

static void *other(void *unused)
{
    gate_wait(&looked);
    show("another");
    take("another", SIGUSR1);
    show("another");
    return unused;
}

// Pending at a thread isn't inherited, and ends with it.
static void *fresh(void *unused)
{
    show("a new one");
    return unused;
}

static void *creates(void *unused)
{
    zero(pthread_kill(pthread_self(), SIGHUP));
    show("its creator");
    join(start(fresh, NULL));
    return unused;
}

int main(void)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGHUP};
    for (unsigned i = 0; i < 3; i++) {
        must(signal(numbers[i], handler) == SIG_ERR ? -1 : 0);
        block(numbers[i]);
    }
    must(signal(SIGRTMIN, handler) == SIG_ERR ? -1 : 0);
    block(SIGRTMIN);
    pthread_t a = start(meant, NULL), b = start(other, NULL);
    must(kill(getpid(), SIGUSR1));
    zero(pthread_kill(a, SIGUSR2));
    zero(pthread_kill(a, SIGRTMIN));
    show("main");
    gate_open(&sent);
    join(a);
    join(b);
    join(start(creates, NULL));
    show("main");
    printf("ignoring a pending signal discards it:");
    must(kill(getpid(), SIGUSR1));
    printf(" %d", is_pending(SIGUSR1));
    must(signal(SIGUSR1, SIG_IGN) == SIG_ERR ? -1 : 0);
    printf(" %d\n", is_pending(SIGUSR1));
    printf("handled: %d\n", (int)handled);
    return 0;
}
