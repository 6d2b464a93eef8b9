// sigwait, sigwaitinfo, sigtimedwait and sigsuspend for one signal, while others may come: each signal is taken once.
#include "../fixture.h"
#include "eintr.h"
#include <signal.h>

enum { COUNT = 12 };
static volatile sig_atomic_t handled;

static void handler(int number)
{
    (void)number;
    handled++;
}

// Signals its waiter (with the number that it's told to send next), who asks for each.
static int asked[2];
static pthread_t waiter;

static void *sender(void *arg)
{
    unsigned char number;
    (void)arg;
    while (read_on(asked[0], &number, 1) == 1) {
        pause_ms(3);
        zero(pthread_kill(waiter, number));
    }
    return NULL;
}

static void ask(int number)
{
    unsigned char byte = number;
    write_on(asked[1], &byte, 1);
}

static void *waits(void *arg)
{
    sigset_t set, before, without;
    siginfo_t info;
    int taken = 0, number;
    (void)arg;
    waiter = pthread_self();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, &before));
    for (int i = 0; i < COUNT; i++) {
        struct timespec long_time = {10, 0};
        ask(SIGUSR1);
        switch (i % 3) {
        case 0:
            zero(sigwait(&set, &number));
            break;
        case 1:
            number = go_on(sigwaitinfo(&set, &info));
            break;
        default:
            number = go_on(sigtimedwait(&set, &info, &long_time));
        }
        taken += number == SIGUSR1;
    }
    printf("taken: %d\n", taken);

    without = before;
    sigdelset(&without, SIGUSR1);
    handled = 0;
    for (int i = 0; i < COUNT; i++) {
        ask(SIGUSR1);
        while (handled == i)
            if (sigsuspend(&without) != -1 || errno != EINTR)
                die("sigsuspend");
    }
    printf("handled: %d\n", handled);
    zero(pthread_sigmask(SIG_SETMASK, &before, NULL));
    return NULL;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    must(sigaction(SIGUSR1, &action, NULL));
    for (int i = 0; i < 2; i++) {
        must(pipe(asked));
        pthread_t thread = start(sender, NULL);
        if (i == 0)
            waits(NULL);
        else
            join(start_bitten(waits, NULL));
        close(asked[1]);
        join(thread);
        close(asked[0]);
    }
    return 0;
}
