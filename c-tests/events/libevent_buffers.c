// needs: libevent-dev
// link: -levent -levent_pthreads
// Bufferevents against blocking threads: a megabyte each way with watermarks, a read that runs out of time, a connection that is
// refused, one that is made by the loop, a pair without sockets.
#include "../fixture.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>

enum { SIZE = 1 << 20 };

static struct event_base *base;
static size_t sum, received;

static void say_events(const char *who, short events)
{
    printf("%s:%s%s%s%s%s%s\n", who, events & BEV_EVENT_CONNECTED ? " connected" : "", events & BEV_EVENT_EOF ? " end" : "",
           events & BEV_EVENT_ERROR ? " error" : "", events & BEV_EVENT_TIMEOUT ? " timeout" : "", events & BEV_EVENT_READING ? " reading" : "",
           events & BEV_EVENT_WRITING ? " writing" : "");
}

static void on_read(struct bufferevent *stream, void *unused)
{
    (void)unused;
    unsigned char block[4096];
    size_t n;
    while ((n = bufferevent_read(stream, block, sizeof block)) > 0) {
        received += n;
        for (size_t i = 0; i < n; i++)
            sum += block[i];
    }
}

static void on_event(struct bufferevent *stream, short events, void *who)
{
    // The rest, which is below the watermark.
    on_read(stream, NULL);
    if (events & BEV_EVENT_ERROR)
        printf("%s\n", error_name(EVUTIL_SOCKET_ERROR()));
    say_events(who, events);
    if (!(events & BEV_EVENT_CONNECTED))
        event_base_loopexit(base, NULL);
}

static void *blocking_peer(void *fd)
{
    static unsigned char block[SIZE];
    long total = 0;
    for (int i = 0; i < SIZE; i++)
        block[i] = i * 7 + (i >> 8);
    write_all(unbox(fd), block, SIZE / 2);
    memset(block, 0, SIZE);
    size_t n = read_all(unbox(fd), block, SIZE);
    for (size_t i = 0; i < n; i++)
        total += block[i];
    for (int i = 0; i < SIZE; i++)
        block[i] = i * 7 + (i >> 8);
    write_all(unbox(fd), block + SIZE / 2, SIZE / 2);
    must(shutdown(unbox(fd), SHUT_WR));
    return box(total);
}

static void *accepts(void *listener)
{
    int fd = must(accept(unbox(listener), NULL, NULL));
    write_all(fd, "welcome", 7);
    close(fd);
    return NULL;
}

int main(void)
{
    struct sockaddr_in address;
    int ends[2];
    zero(evthread_use_pthreads());
    base = event_base_new();
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        evutil_make_socket_nonblocking(ends[0]);
        struct bufferevent *stream = bufferevent_socket_new(base, ends[0], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(stream, on_read, NULL, on_event, "megabyte");
        bufferevent_setwatermark(stream, EV_READ, 1000, 50000);
        bufferevent_enable(stream, EV_READ | EV_WRITE);
        struct evbuffer *out = bufferevent_get_output(stream);
        for (int i = 0; i < SIZE / 1024; i++) {
            char piece[1024];
            memset(piece, i, sizeof piece);
            evbuffer_add(out, piece, sizeof piece);
        }
        sum = received = 0;
        pthread_t peer = start(blocking_peer, box(ends[1]));
        event_base_dispatch(base);
        printf("got %zu, sum %zu, ", received, sum);
        printf("the peer's sum %ld\n", unbox(join(peer)));
        bufferevent_free(stream);
        close(ends[1]);
    }

    stream_pair(ends);
    evutil_make_socket_nonblocking(ends[0]);
    struct bufferevent *stream = bufferevent_socket_new(base, ends[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, on_read, NULL, on_event, "nothing comes");
    bufferevent_set_timeouts(stream, &(struct timeval){0, 20000}, NULL);
    bufferevent_enable(stream, EV_READ);
    double begin = now_ms();
    event_base_dispatch(base);
    printf("early: %s\n", yes(now_ms() - begin < 19));
    bufferevent_free(stream);
    close(ends[1]);

    int listener = listen_loopback(3, &address);
    pthread_t server = start(accepts, box(listener));
    stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, on_read, NULL, on_event, "connects");
    bufferevent_enable(stream, EV_READ);
    received = 0;
    bufferevent_socket_connect(stream, (struct sockaddr *)&address, sizeof address);
    event_base_dispatch(base);
    join(server);
    printf("welcomed with %zu\n", received);
    bufferevent_free(stream);
    close(listener);
    stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, on_read, NULL, on_event, "refused");
    bufferevent_enable(stream, EV_READ);
    bufferevent_socket_connect(stream, (struct sockaddr *)&address, sizeof address);
    event_base_dispatch(base);
    bufferevent_free(stream);

    struct bufferevent *pair[2];
    zero(bufferevent_pair_new(base, 0, pair));
    bufferevent_setcb(pair[1], on_read, NULL, on_event, "pair");
    bufferevent_enable(pair[1], EV_READ);
    bufferevent_enable(pair[0], EV_WRITE);
    received = 0;
    bufferevent_write(pair[0], "within", 6);
    bufferevent_flush(pair[0], EV_WRITE, BEV_FINISHED);
    event_base_dispatch(base);
    printf("within: %zu\n", received);
    bufferevent_free(pair[0]), bufferevent_free(pair[1]);
    event_base_free(base);
    return 0;
}
