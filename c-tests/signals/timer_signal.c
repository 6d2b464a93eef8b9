// timer_create with SIGEV_SIGNAL: the one thread that doesn't block the signal, a worker, handles it, and sees value and timer;
// then main takes it by sigwaitinfo.
#include "signals.h"

static pthread_t worker;
static atomic_int count, wrong;
static int ends[2];

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    wrong += info->si_code != SI_TIMER || info->si_value.sival_int != 77 || !pthread_equal(pthread_self(), worker);
    if (++count == 5)
        must(write(ends[1], "5", 1));
}

static void *waits(void *unused)
{
    char byte;
    worker = pthread_self();
    unblock(SIGRTMIN);
    printf("read: %s\n", answer(read(ends[0], &byte, 1))); // restarts
    block(SIGRTMIN);
    return unused;
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
    struct itimerspec every = {{0, 2000000}, {0, 2000000}}, once = {{0, 0}, {0, 2000000}}, now;
    sigset_t set = only(SIGRTMIN);
    siginfo_t info;
    timer_t timer;

    must(pipe(ends));
    block(SIGRTMIN);
    handle(SIGRTMIN, handler, SA_RESTART);
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    must(timer_settime(timer, 0, &every, NULL));
    join(start(waits, NULL));
    printf("handled at least 5: %s, wrong: %d\n", yes(count >= 5), (int)wrong);

    must(timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 0}}, NULL));
    while (sigtimedwait(&set, NULL, &(struct timespec){0, 0}) > 0)
        ; // one may be left
    must(timer_settime(timer, 0, &once, NULL));
    must(sigwaitinfo(&set, &info));
    printf("taken: SI_TIMER %s, value %d\n", yes(info.si_code == SI_TIMER), info.si_value.sival_int);
    must(timer_gettime(timer, &now));
    printf("disarmed: %s, overruns: %s\n", yes(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0), answer(timer_getoverrun(timer)));
    must(timer_delete(timer));
    return 0;
}
