// timer_create with SIGEV_THREAD: the function runs on threads with the attributes asked for, with all signals blocked; timers that
// never fire, and a timer deleted by its own function.
#include "signals.h"

static timer_t timer;
static struct gate done = GATE_CLOSED;
static pthread_t main_thread;

static void runs(union sigval value)
{
    pthread_attr_t attributes;
    size_t size;
    zero(pthread_getattr_np(pthread_self(), &attributes));
    zero(pthread_attr_getstacksize(&attributes, &size));
    zero(pthread_attr_destroy(&attributes));
    printf("value %d, on another thread: %s, stack as asked: %s, SIGUSR1 blocked: %d\n", value.sival_int,
           yes(!pthread_equal(pthread_self(), main_thread)), yes(size >= 256 * 1024), is_blocked(SIGUSR1));
    must(timer_delete(timer));
    gate_open(&done);
}

static void *nothing(void *arg)
{
    return arg;
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = runs, .sigev_value.sival_int = 5};
    struct itimerspec once = {{0, 0}, {0, 5000000}}, late = {{0, 0}, {3600, 0}};
    pthread_attr_t attributes;
    timer_t never;

    main_thread = pthread_self();
    join(start(nothing, NULL));
    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 256 * 1024));
    event.sigev_notify_attributes = &attributes;
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    must(timer_create(CLOCK_REALTIME, &event, &never));
    must(timer_settime(never, 0, &late, NULL));
    must(timer_settime(timer, 0, &once, NULL));
    gate_wait(&done);
    must(timer_delete(never));
    zero(pthread_attr_destroy(&attributes));
    event.sigev_notify = 77;
    printf("no such way: %s\n", answer(timer_create(CLOCK_REALTIME, &event, &never)));
    return 0;
}
