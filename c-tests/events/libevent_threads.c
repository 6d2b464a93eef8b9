// needs: libevent-dev
// link: -levent -levent_pthreads
// evthread_use_pthreads: events made active, added and removed by other threads while the loop waits; event_base_once; loopbreak from
// outside; two loops in two threads that play ping-pong over a bufferevent each.
#include "../fixture.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <stdatomic.h>

enum { THREADS = 8, CALLS = 200, TURNS = 300 };

static struct event_base *base;
static int ran, once_ran, timers_ran, end_when;

static void count(int *which)
{
    ++*which;
    if (ran + once_ran + timers_ran == end_when)
        event_base_loopbreak(base);
}

static void on_active(evutil_socket_t fd, short what, void *done)
{
    (void)fd, (void)what;
    count(&ran);
    atomic_fetch_add((_Atomic int *)done, 1);
}

static void on_once(evutil_socket_t fd, short what, void *unused)
{
    (void)fd, (void)what, (void)unused;
    count(&once_ran);
}

static void on_timer(evutil_socket_t fd, short what, void *unused)
{
    (void)fd, (void)what, (void)unused;
    count(&timers_ran);
}

static void *activates(void *unused)
{
    (void)unused;
    _Atomic int done = 0;
    struct event *event = event_new(base, -1, 0, on_active, &done), *timer = evtimer_new(base, on_timer, NULL);
    for (int i = 0; i < CALLS; i++) {
        event_active(event, EV_WRITE, 0);
        // Made active twice before it runs, it would run once.
        while (atomic_load(&done) <= i)
            sched_yield();
        if (i % 10 == 0)
            event_base_once(base, -1, EV_TIMEOUT, on_once, NULL, &(struct timeval){0, i * 10});
        if (i == CALLS - 1)
            event_add(timer, &(struct timeval){0, 1000});
    }
    while (evtimer_pending(timer, NULL))
        usleep(500);
    event_free(timer);
    event_free(event);
    return NULL;
}

static void on_forever(evutil_socket_t fd, short what, void *unused)
{
    (void)fd, (void)what, (void)unused;
}

static void *loop(void *the_base)
{
    return box(event_base_dispatch(the_base));
}

// A player gives back what it gets, one more, up to the last turn.
struct player {
    struct bufferevent *stream;
    int received, last;
};

static void on_ball(struct bufferevent *stream, void *argument)
{
    struct player *player = argument;
    int ball;
    while (evbuffer_get_length(bufferevent_get_input(stream)) >= sizeof ball) {
        bufferevent_read(stream, &ball, sizeof ball);
        player->received++;
        player->last = ++ball >= TURNS;
        if (ball <= TURNS)
            bufferevent_write(stream, &ball, sizeof ball);
        else
            event_base_loopexit(bufferevent_get_base(stream), NULL);
    }
}

// All is written: was it the last?
static void on_thrown(struct bufferevent *stream, void *player)
{
    if (((struct player *)player)->last)
        event_base_loopexit(bufferevent_get_base(stream), NULL);
}

int main(void)
{
    pthread_t threads[THREADS];
    zero(evthread_use_pthreads());
    base = event_base_new();
    struct event *forever = event_new(base, -1, EV_PERSIST, on_forever, NULL);
    event_add(forever, &(struct timeval){1000, 0});
    end_when = THREADS * (CALLS + CALLS / 10 + 1);
    pthread_t looper = start(loop, base);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(activates, NULL);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    printf("loop: %ld, active %d, once %d, timers %d, broken off: %s\n", unbox(join(looper)), ran, once_ran, timers_ran, yes(event_base_got_break(base)));
    // Broken off by another thread while it waits for a thousand seconds.
    looper = start(loop, base);
    let_it_block();
    event_base_loopexit(base, NULL);
    printf("told to end: %ld\n", unbox(join(looper)));
    event_free(forever);
    event_base_free(base);

    struct event_base *bases[2];
    struct player players[2] = {0};
    int ends[2], ball = 1;
    stream_pair(ends);
    for (int i = 0; i < 2; i++) {
        evutil_make_socket_nonblocking(ends[i]);
        bases[i] = event_base_new();
        players[i].stream = bufferevent_socket_new(bases[i], ends[i], BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE);
        bufferevent_setcb(players[i].stream, on_ball, on_thrown, NULL, &players[i]);
        bufferevent_enable(players[i].stream, EV_READ | EV_WRITE);
        threads[i] = start(loop, bases[i]);
    }
    // Served by main, from outside of both loops.
    bufferevent_write(players[0].stream, &ball, sizeof ball);
    for (int i = 0; i < 2; i++) {
        long result = unbox(join(threads[i]));
        printf("player %d: %ld, received %d\n", i, result, players[i].received);
    }
    for (int i = 0; i < 2; i++) {
        bufferevent_free(players[i].stream);
        event_base_free(bases[i]);
    }
    return 0;
}
