// pause and sigsuspend on workers and on main: they end with EINTR once a handler has run; sigsuspend's mask holds while it waits.
#include "signals.h"

static _Atomic(pthread_t) target;
static atomic_int first, second, over;

static void handler(int number)
{
    if (number == SIGUSR1)
        first++;
    else
        second++;
}

static void *sends(void *number)
{
    block(SIGUSR1);
    block(SIGUSR2);
    while (!over) {
        usleep(2000);
        zero(pthread_kill(target, (int)unbox(number)));
    }
    return NULL;
}

static void *waits(void *who)
{
    printf("%s\n", (char *)who);
    target = pthread_self();
    first = second = over = 0;
    unblock(SIGUSR1);
    pthread_t sender = start(sends, box(SIGUSR1));
    printf("  pause: %s", answer(pause()));
    printf(", handled: %s\n", yes(first > 0));
    over = 1;
    join(sender);

    // sigsuspend lets SIGUSR2 in, and keeps SIGUSR1 out, which is the other way round than outside it.
    sigset_t mask;
    zero(pthread_sigmask(SIG_SETMASK, NULL, &mask));
    block(SIGUSR2);
    sigaddset(&mask, SIGUSR1);
    sigdelset(&mask, SIGUSR2);
    first = second = over = 0;
    sender = start(sends, box(SIGUSR2));
    zero(pthread_kill(pthread_self(), SIGUSR2));
    printf("  pending is not handled yet: %d\n", (int)second);
    printf("  sigsuspend: %s", answer(sigsuspend(&mask)));
    printf(", handled: %s, USR1 %d, USR2 %d\n", yes(second > 0), is_blocked(SIGUSR1), is_blocked(SIGUSR2));
    second = 0;
    printf("  again: %s", answer(sigsuspend(&mask)));
    printf(", handled: %s\n", yes(second > 0));
    over = 1;
    join(sender);
    unblock(SIGUSR2);
    return NULL;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    must(sigaction(SIGUSR1, &action, NULL));
    must(sigaction(SIGUSR2, &action, NULL));
    waits("main");
    join(start(waits, "a worker"));
    return 0;
}
