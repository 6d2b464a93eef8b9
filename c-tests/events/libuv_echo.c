// needs: libuv1-dev
// link: -luv
// libuv's TCP and pipe servers, the loop in main and in a thread; the clients are threads with blocking sockets, and others are
// handles of the loop itself.
#include "uv.h"
#include <sys/un.h>

enum { CLIENTS = 20, REQUESTS = 20, INSIDE = 5 };

static struct sockaddr_in address;
static int over_pipe, ended, inside_right;
static size_t echoed;
static union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
    uv_stream_t stream;
} server;

static void on_close(uv_handle_t *handle)
{
    free(handle);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(malloc(size), size);
}

static void on_written(uv_write_t *request, int status)
{
    fine(status);
    free(request->data);
    free(request);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    if (n > 0) {
        uv_write_t *request = malloc(sizeof *request);
        uv_buf_t part = uv_buf_init(buffer->base, n);
        request->data = buffer->base;
        echoed += n;
        fine(uv_write(request, stream, &part, 1, on_written));
        return;
    }
    free(buffer->base);
    if (n < 0) {
        if (n != UV_EOF)
            printf("read: %s\n", uv_err_name(n));
        uv_close((uv_handle_t *)stream, on_close);
        if (++ended == CLIENTS + INSIDE)
            close_handle(&server);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    fine(status);
    uv_stream_t *stream = calloc(1, sizeof server);
    fine(over_pipe ? uv_pipe_init(listener->loop, (uv_pipe_t *)stream, 0) : uv_tcp_init(listener->loop, (uv_tcp_t *)stream));
    fine(uv_accept(listener, stream));
    fine(uv_read_start(stream, on_alloc, on_read));
}

static void on_answer(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    inside_right += n == 6 && memcmp(buffer->base, "inside", 6) == 0;
    free(buffer->base);
    uv_close((uv_handle_t *)stream, on_close);
}

static void on_connected(uv_connect_t *request, int status)
{
    fine(status);
    uv_write_t *write = malloc(sizeof *write);
    uv_buf_t part = uv_buf_init("inside", 6);
    write->data = NULL;
    fine(uv_write(write, request->handle, &part, 1, on_written));
    fine(uv_read_start(request->handle, on_alloc, on_answer));
    free(request);
}

static void *client(void *id)
{
    long right = 0;
    int fd;
    if (over_pipe) {
        struct sockaddr_un name = {AF_UNIX, "door"};
        fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
        must(connect(fd, (struct sockaddr *)&name, sizeof name));
    } else {
        fd = connect_to(&address);
    }
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

static void *run(void *loop)
{
    return box(uv_run(loop, UV_RUN_DEFAULT));
}

int main(void)
{
    for (int kind = 0; kind < 4; kind++) {
        pthread_t clients[CLIENTS], thread;
        uv_loop_t loop;
        over_pipe = kind % 2;
        ended = inside_right = 0, echoed = 0;
        fine(uv_loop_init(&loop));
        if (over_pipe) {
            fine(uv_pipe_init(&loop, &server.pipe, 0));
            fine(uv_pipe_bind(&server.pipe, "door"));
        } else {
            int length = sizeof address;
            fine(uv_tcp_init(&loop, &server.tcp));
            fine(uv_ip4_addr("127.0.0.1", 0, &address));
            fine(uv_tcp_bind(&server.tcp, (struct sockaddr *)&address, 0));
            fine(uv_tcp_getsockname(&server.tcp, (struct sockaddr *)&address, &length));
        }
        fine(uv_listen(&server.stream, 64, on_connection));
        for (int i = 0; i < INSIDE; i++) {
            uv_connect_t *request = malloc(sizeof *request);
            uv_stream_t *stream = calloc(1, sizeof server);
            if (over_pipe) {
                fine(uv_pipe_init(&loop, (uv_pipe_t *)stream, 0));
                uv_pipe_connect(request, (uv_pipe_t *)stream, "door", on_connected);
            } else {
                fine(uv_tcp_init(&loop, (uv_tcp_t *)stream));
                fine(uv_tcp_connect(request, (uv_tcp_t *)stream, (struct sockaddr *)&address, on_connected));
            }
        }
        if (kind >= 2)
            thread = start(run, &loop);
        for (int i = 0; i < CLIENTS; i++)
            clients[i] = start(client, box(i));
        long result = unbox(kind >= 2 ? join(thread) : run(&loop)), right = 0;
        for (int i = 0; i < CLIENTS; i++)
            right += unbox(join(clients[i]));
        printf("%s, loop in %s: %ld, right %ld, inside %d, echoed %zu\n", over_pipe ? "pipe" : "tcp", kind < 2 ? "main" : "a thread", result, right,
               inside_right, echoed);
        end_loop(&loop);
    }
    return 0;
}
