// Timers for main alone (SIGEV_THREAD_ID) while main has their signal blocked, or waits for it, and other threads haven't: it waits
// for main. One for the process goes to another thread meanwhile.
#include "signals.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static pthread_t main_thread;
static atomic_int on_main, elsewhere, stop;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    if (info->si_code != SI_TIMER)
        abort();
    if (pthread_equal(pthread_self(), main_thread))
        on_main++;
    else
        elsewhere++;
}

static void *works(void *unused)
{
    while (!stop)
        usleep(500);
    return unused;
}

static timer_t timer_for(pid_t thread, int number)
{
    struct sigevent event = {.sigev_notify = thread ? SIGEV_THREAD_ID : SIGEV_SIGNAL, .sigev_signo = number};
    timer_t timer;

    event.sigev_notify_thread_id = thread;
    event.sigev_value.sival_int = number;
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    return timer;
}

static void fire(timer_t timer)
{
    must(timer_settime(timer, 0, &(struct itimerspec){.it_value = {0, 1000000}}, NULL));
    usleep(50000);
}

static void say(const char *what)
{
    printf("%s: %d on main, %d elsewhere\n", what, (int)on_main, (int)elsewhere);
    on_main = elsewhere = 0;
}

int main(void)
{
    timer_t early = timer_for(getpid(), SIGRTMIN), late, any;
    pthread_t threads[4];
    sigset_t set, pending;
    siginfo_t info;

    main_thread = pthread_self();
    handle(SIGRTMIN, handler, SA_RESTART);
    for (int i = 0; i < 4; i++)
        threads[i] = start(works, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    must(pthread_sigmask(SIG_BLOCK, &set, NULL));
    late = timer_for(gettid(), SIGRTMIN);
    any = timer_for(0, SIGRTMIN);

    fire(early);
    sigpending(&pending);
    printf("pending: %s\n", yes(sigismember(&pending, SIGRTMIN)));
    say("blocked");
    must(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
    say("unblocked");
    must(pthread_sigmask(SIG_BLOCK, &set, NULL));

    fire(late);
    say("another, blocked");
    printf("sigwaitinfo: %s\n", yes(sigwaitinfo(&set, &info) == SIGRTMIN));
    printf("it says: timer %s, value %s\n", yes(info.si_code == SI_TIMER), yes(info.si_value.sival_int == SIGRTMIN));
    must(timer_settime(late, 0, &(struct itimerspec){.it_value = {0, 20000000}}, NULL));
    printf("sigwaitinfo: %s\n", yes(sigwaitinfo(&set, &info) == SIGRTMIN));
    say("waited for");

    fire(any);
    say("for anybody");
    must(timer_delete(early));
    must(timer_delete(late));
    printf("deleted twice: %s\n", answer(timer_delete(late)));
    fire(any);
    say("for anybody, alone");
    must(timer_delete(any));
    stop = 1;
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    return 0;
}
