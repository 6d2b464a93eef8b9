// needs: libevent-dev
// link: -levent -levent_pthreads
// libevent's timers in order, again and again, cancelled, at once; a read with a time limit; events with priorities; while threads that
// block run beside the loop.
#include "../fixture.h"
#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static double begin;
static struct event *persistent, *never;

static void on_timer(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    long ms = unbox(argument);
    double passed = now_ms() - begin;
    // libevent asks a clock that ticks every 4 ms (or 10), and so may be that early.
    printf("timer %ld: %s, early: %s\n", ms, what == EV_TIMEOUT ? "timeout" : "?", yes(passed < ms - 10));
    if (ms == 30)
        event_del(never);
}

static void on_never(evutil_socket_t fd, short what, void *argument)
{
    (void)fd, (void)what, (void)argument;
    printf("cancelled, and yet here\n");
}

static void on_tick(evutil_socket_t fd, short what, void *count)
{
    (void)fd, (void)what;
    if (++*(int *)count == 10)
        event_del(persistent);
}

static void on_read(evutil_socket_t fd, short what, void *name)
{
    char byte = '-';
    if (what & EV_READ)
        must(read(fd, &byte, 1));
    printf("%s:%s%s %c\n", (char *)name, what & EV_READ ? " read" : "", what & EV_TIMEOUT ? " timeout" : "", byte);
}

static void on_written(evutil_socket_t fd, short what, void *result)
{
    must(read(fd, &(char){0}, 1));
    *(int *)result = what;
}

static void on_priority(evutil_socket_t fd, short what, void *name)
{
    (void)fd, (void)what;
    printf("priority: %s\n", (char *)name);
}

static void *writes(void *fd)
{
    usleep(10000);
    must(write(unbox(fd), "w", 1));
    return NULL;
}

static void *naps(void *flag)
{
    long count = 0;
    while (!*(volatile int *)flag) {
        usleep(1000);
        count++;
    }
    return box(count > 0);
}

static void *run(void *unused)
{
    (void)unused;
    int ends[2], quiet[2], ticks = 0, written = 0;
    must(pipe(ends));
    must(pipe(quiet));
    base = event_base_new();
    event_base_priority_init(base, 3);
    static const int times[] = {40, 10, 30, 50, 20, 0};
    struct event *timers[6];
    begin = now_ms();
    for (int i = 0; i < 6; i++) {
        timers[i] = evtimer_new(base, on_timer, box(times[i]));
        event_add(timers[i], &(struct timeval){0, times[i] * 1000});
    }
    never = evtimer_new(base, on_never, NULL);
    event_add(never, &(struct timeval){0, 60000});
    pthread_t writer = start(writes, box(ends[1]));
    struct event *reads = event_new(base, ends[0], EV_READ, on_written, &written);
    event_add(reads, &(struct timeval){5, 0});
    printf("pending: %s\n", yes(event_pending(never, EV_TIMEOUT, NULL)));
    event_base_loop(base, EVLOOP_ONCE);
    event_base_dispatch(base);
    printf("all over: pending %s, read before its time was out: %s\n", yes(event_pending(never, EV_TIMEOUT, NULL)), yes(written == EV_READ));
    join(writer);

    struct event *waits = event_new(base, quiet[0], EV_READ, on_read, "quiet");
    event_add(waits, &(struct timeval){0, 15000});
    persistent = event_new(base, -1, EV_PERSIST, on_tick, &ticks);
    event_add(persistent, &(struct timeval){0, 2000});
    event_base_dispatch(base);
    printf("ticks %d\n", ticks);

    struct event *ordered[3];
    static const char *const names[] = {"high", "middle", "low"};
    for (int i = 2; i >= 0; i--) {
        ordered[i] = event_new(base, ends[1], EV_WRITE, on_priority, (void *)names[i]);
        event_priority_set(ordered[i], i);
        event_add(ordered[i], NULL);
    }
    event_base_dispatch(base);
    printf("nothing to do: %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    // A loop that is to end by itself after a time.
    struct event *forever = event_new(base, quiet[0], EV_READ | EV_PERSIST, on_read, "?");
    event_add(forever, NULL);
    event_base_loopexit(base, &(struct timeval){0, 20000});
    double from = now_ms();
    int result = event_base_dispatch(base);
    printf("ended by time: %d, early: %s, exit: %s\n", result, yes(now_ms() - from < 10), yes(event_base_got_exit(base)));
    for (int i = 0; i < 6; i++)
        event_free(timers[i]);
    for (int i = 0; i < 3; i++)
        event_free(ordered[i]);
    event_free(never), event_free(reads), event_free(waits), event_free(persistent), event_free(forever);
    event_base_free(base);
    close(ends[0]), close(ends[1]), close(quiet[0]), close(quiet[1]);
    return NULL;
}

int main(void)
{
    int stop = 0;
    zero(evthread_use_pthreads());
    pthread_t napper = start(naps, &stop);
    run(NULL);
    join(start(run, NULL));
    *(volatile int *)&stop = 1;
    printf("napped: %ld\n", unbox(join(napper)));
    return 0;
}
