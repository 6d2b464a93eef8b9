// needs: libevent-dev
// link: -levent -levent_pthreads
// An echo server with libevent's listener and bufferevents, its loop in main, then in a thread; the clients are threads with blocking
// sockets. Done with each way of waiting that libevent knows: epoll, poll, select.
#include "../fixture.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>

enum { CLIENTS = 20, REQUESTS = 20 };

static struct sockaddr_in address;
static int open_connections, ended;
static size_t echoed;

static void on_read(struct bufferevent *stream, void *unused)
{
    (void)unused;
    echoed += evbuffer_get_length(bufferevent_get_input(stream));
    bufferevent_write_buffer(stream, bufferevent_get_input(stream));
}

static void on_event(struct bufferevent *stream, short events, void *base)
{
    if (events & BEV_EVENT_ERROR)
        printf("error\n");
    if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
        bufferevent_free(stream);
        open_connections--;
        if (++ended == CLIENTS)
            event_base_loopexit(base, NULL);
    }
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length, void *unused)
{
    (void)peer, (void)length, (void)unused;
    struct event_base *base = evconnlistener_get_base(listener);
    struct bufferevent *stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, on_read, NULL, on_event, base);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    open_connections++;
}

static void *client(void *id)
{
    long right = 0;
    int fd = connect_to(&address);
    for (int i = 0; i < REQUESTS; i++) {
        char text[3000], back[3000];
        size_t size = 1 + (unbox(id) * 131 + i * 379) % sizeof text;
        memset(text, 'a' + (i + unbox(id)) % 26, size);
        write_all(fd, text, size);
        right += read_all(fd, back, size) == size && memcmp(text, back, size) == 0;
    }
    close(fd);
    return box(right);
}

static void *loop(void *base)
{
    return box(event_base_dispatch(base));
}

int main(void)
{
    static const char *const methods[] = {"epoll", "poll", "select"};
    zero(evthread_use_pthreads());
    for (int kind = 0; kind < 6; kind++) {
        pthread_t clients[CLIENTS];
        struct event_config *config = event_config_new();
        for (int i = 0; i < 3; i++)
            if (i != kind % 3)
                event_config_avoid_method(config, methods[i]);
        struct event_base *base = event_base_new_with_config(config);
        event_config_free(config);
        memset(&address, 0, sizeof address);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        struct evconnlistener *listener = evconnlistener_new_bind(base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, CLIENTS,
                                                                  (struct sockaddr *)&address, sizeof address);
        socklen_t length = sizeof address;
        must(getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &length));
        ended = 0, echoed = 0;
        pthread_t thread;
        if (kind >= 3)
            thread = start(loop, base);
        for (int i = 0; i < CLIENTS; i++)
            clients[i] = start(client, box(i));
        long result = kind >= 3 ? unbox(join(thread)) : event_base_dispatch(base), right = 0;
        for (int i = 0; i < CLIENTS; i++)
            right += unbox(join(clients[i]));
        printf("%s, loop in %s: %ld, right %ld, echoed %zu, left open %d\n", event_base_get_method(base), kind < 3 ? "main" : "a thread", result,
               right, echoed, open_connections);
        evconnlistener_free(listener);
        event_base_free(base);
    }
    return 0;
}
