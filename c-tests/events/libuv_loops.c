// needs: libuv1-dev
// link: -luv
// Two libuv loops in two threads beside main's: timers, signals, idle and check handles, uv_poll on a pipe that a thread writes to,
// look-ups of 127.0.0.1, datagrams from one loop to the other.
#include "uv.h"
#include <signal.h>

struct world {
    uv_loop_t loop;
    uv_timer_t timers[5], repeated;
    uv_poll_t poll;
    uv_signal_t signal;
    uv_idle_t idle;
    uv_check_t check;
    uv_udp_t socket;
    uv_getaddrinfo_t lookup;
    uv_getnameinfo_t name;
    int order[5], fired, repeats, polled, idled, checked, signals, datagrams, ends[2], early, looked_up, named;
    char found[64];
    uint64_t begin;
    struct sockaddr_in own, other;
};

static struct world worlds[2];

static void on_timer(uv_timer_t *timer)
{
    struct world *world = timer->data;
    int which = timer - world->timers;
    static const int times[] = {25, 5, 15, 0, 10};
    world->order[world->fired++] = times[which];
    world->early += uv_hrtime() - world->begin < (times[which] - 1ULL) * 1000000 && times[which] > 1;
    close_handle(timer);
}

static void on_repeat(uv_timer_t *timer)
{
    struct world *world = timer->data;
    if (++world->repeats == 5)
        close_handle(timer);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct world *world = poll->data;
    char byte;
    fine(status);
    if (events & UV_READABLE) {
        if (read(world->ends[0], &byte, 1) == 1)
            world->polled++;
        else
            close_handle(poll);
    }
}

static void on_idle(uv_idle_t *idle)
{
    struct world *world = idle->data;
    if (++world->idled == 10)
        close_handle(idle);
}

static void on_check(uv_check_t *check)
{
    struct world *world = check->data;
    if (++world->checked == 10)
        close_handle(check);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct world *world = handle->data;
    world->signals += number == SIGUSR1;
    close_handle(handle);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    static __thread char block[2048];
    (void)handle, (void)size;
    *buffer = uv_buf_init(block, sizeof block);
}


static void on_datagram(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer, const struct sockaddr *from, unsigned flags)
{
    struct world *world = socket->data;
    (void)flags;
    if (n == 0 && from == NULL)
        return;
    world->datagrams += n == 4;
    int turn;
    memcpy(&turn, buffer->base, sizeof turn);
    if (++turn <= 100) {
        uv_buf_t part = uv_buf_init((char *)&turn, sizeof turn);
        fine(uv_udp_try_send(socket, &part, 1, from));
    }
    if (turn >= 100)
        close_handle(socket);
}

static void on_name(uv_getnameinfo_t *request, int status, const char *host, const char *service)
{
    struct world *world = request->data;
    world->named = status == 0 && strcmp(host, "127.0.0.1") == 0 && strcmp(service, "80") == 0;
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct world *world = request->data;
    world->looked_up = status;
    if (status != 0)
        return;
    uv_ip4_name((struct sockaddr_in *)found->ai_addr, world->found, sizeof world->found);
    fine(uv_getnameinfo(request->loop, &world->name, on_name, found->ai_addr, NI_NUMERICHOST | NI_NUMERICSERV));
    uv_freeaddrinfo(found);
}

static void prepare(struct world *world)
{
    static const int times[] = {25, 5, 15, 0, 10};
    int length = sizeof world->own;
    uv_loop_t *loop = &world->loop;
    memset(world, 0, sizeof *world);
    fine(uv_loop_init(loop));
    must(pipe(world->ends));
    fine(uv_udp_init(loop, &world->socket));
    fine(uv_ip4_addr("127.0.0.1", 0, &world->own));
    fine(uv_udp_bind(&world->socket, (struct sockaddr *)&world->own, 0));
    fine(uv_udp_getsockname(&world->socket, (struct sockaddr *)&world->own, &length));
    fine(uv_udp_recv_start(&world->socket, on_alloc, on_datagram));
    world->begin = uv_hrtime();
    uv_update_time(loop);
    for (int i = 0; i < 5; i++) {
        fine(uv_timer_init(loop, &world->timers[i]));
        world->timers[i].data = world;
        fine(uv_timer_start(&world->timers[i], on_timer, times[i], 0));
    }
    fine(uv_timer_init(loop, &world->repeated));
    fine(uv_timer_start(&world->repeated, on_repeat, 1, 2));
    fine(uv_poll_init(loop, &world->poll, world->ends[0]));
    fine(uv_poll_start(&world->poll, UV_READABLE, on_poll));
    fine(uv_idle_init(loop, &world->idle));
    fine(uv_idle_start(&world->idle, on_idle));
    fine(uv_check_init(loop, &world->check));
    fine(uv_check_start(&world->check, on_check));
    fine(uv_signal_init(loop, &world->signal));
    fine(uv_signal_start(&world->signal, on_signal, SIGUSR1));
    world->repeated.data = world->poll.data = world->idle.data = world->check.data = world->signal.data = world->socket.data = world->lookup.data =
        world->name.data = world;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    fine(uv_getaddrinfo(loop, &world->lookup, on_found, "127.0.0.1", "80", &hints));
}

static void *run(void *world)
{
    return box(uv_run(&((struct world *)world)->loop, UV_RUN_DEFAULT));
}

static void *writes(void *unused)
{
    (void)unused;
    for (int i = 0; i < 40; i++) {
        must(write(worlds[i % 2].ends[1], "x", 1));
        if (i % 8 == 0)
            usleep(500);
    }
    for (int i = 0; i < 2; i++)
        close(worlds[i].ends[1]);
    // One signal, for both loops.
    must(kill(getpid(), SIGUSR1));
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    int turn = 1;
    for (int i = 0; i < 2; i++)
        prepare(&worlds[i]);
    uv_buf_t part = uv_buf_init((char *)&turn, sizeof turn);
    fine(uv_udp_try_send(&worlds[0].socket, &part, 1, (struct sockaddr *)&worlds[1].own));
    for (int i = 0; i < 2; i++)
        threads[i] = start(run, &worlds[i]);
    join(start(writes, NULL));
    for (int i = 0; i < 2; i++) {
        struct world *world = &worlds[i];
        long left = unbox(join(threads[i]));
        printf("left %ld, timers", left);
        for (int k = 0; k < world->fired; k++)
            printf(" %d", world->order[k]);
        printf(", early %d, repeated %d, polled %d, idle %d, checked %d, signals %d, datagrams %d\n", world->early, world->repeats, world->polled,
               world->idled, world->checked, world->signals, world->datagrams);
        printf("looked up: %s %s, named: %s\n", uv_answer(world->looked_up), world->found, yes(world->named));
        close(world->ends[0]);
        end_loop(&world->loop);
    }
    return 0;
}
