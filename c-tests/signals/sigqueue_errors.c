// What pthread_sigqueue and pthread_kill say to wrong numbers, to none, and of a thread that has ended.
#include "signals.h"

static struct gate hold = GATE_CLOSED;

static void *waits(void *arg)
{
    gate_wait(&hold);
    return arg;
}

static void *ends(void *arg)
{
    return arg;
}

static void try(const char *who, pthread_t thread)
{
    static const int numbers[] = {0, -1, 32, 33, 65, 1000};
    union sigval value = {.sival_int = 1};
    printf("%s\n", who);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        printf("  %d: pthread_sigqueue %s", numbers[i], error_name(pthread_sigqueue(thread, numbers[i], value)));
        printf(", pthread_kill %s\n", error_name(pthread_kill(thread, numbers[i])));
    }
}

int main(void)
{
    union sigval value = {.sival_int = 1};
    pthread_t thread = start(waits, NULL);
    try("a thread", thread);
    try("oneself", pthread_self());
    gate_open(&hold);
    join(thread);

    thread = start(ends, NULL);
    int error;
    while ((error = pthread_sigqueue(thread, 0, value)) == 0)
        usleep(1000);
    printf("one that has ended: no signal %s", error_name(error));
    printf(", SIGUSR1 %s", error_name(pthread_sigqueue(thread, SIGUSR1, value)));
    printf(", pthread_kill %s", error_name(pthread_kill(thread, 0)));
    printf(" %s\n", error_name(pthread_kill(thread, SIGUSR1)));
    join(thread);

    printf("sigqueue: no signal %s", answer(sigqueue(getpid(), 0, value)));
    printf(", a wrong one %s\n", answer(sigqueue(getpid(), 65, value)));
    printf("raise: no signal %s", answer(raise(0)));
    printf(", a wrong one %s\n", answer(raise(65)));
    return 0;
}
