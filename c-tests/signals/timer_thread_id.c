// timer_create with SIGEV_THREAD_ID for main: the handler interrupts main's waits, on main, however many threads there are.
#include "signals.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static pthread_t main_thread;
static atomic_int count, wrong, stop;
static int ends[2];

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    wrong += info->si_code != SI_TIMER || !pthread_equal(pthread_self(), main_thread);
    count++;
}

static void *works(void *unused)
{
    while (!stop)
        usleep(500);
    return unused;
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};
    struct itimerspec every = {{0, 5000000}, {0, 5000000}};
    struct pollfd entry = {.events = POLLIN};
    pthread_t threads[5];
    timer_t timer;
    char byte;

    must(pipe(ends));
    entry.fd = ends[0];
    main_thread = pthread_self();
    handle(SIGRTMIN, handler, 0);
    event.sigev_notify_thread_id = gettid();
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    for (int i = 0; i < 5; i++)
        threads[i] = start(works, NULL);
    must(timer_settime(timer, 0, &every, NULL));
    printf("read: %s\n", answer(read(ends[0], &byte, 1)));
    printf("poll: %s\n", answer(poll(&entry, 1, 30000)));
    printf("nanosleep: %s\n", answer(nanosleep(&(struct timespec){30, 0}, NULL)));
    for (int before = count; count < before + 3;)
        ; // computing
    must(timer_delete(timer));
    stop = 1;
    for (int i = 0; i < 5; i++)
        join(threads[i]);
    printf("handled at least 6: %s, wrong: %d\n", yes(count >= 6), (int)wrong);
    return 0;
}
