// needs: libuv1-dev
// link: -luv
// uv_spawn with pipes: /bin/echo, /bin/cat fed by the loop, a shell that fails, one that is killed, one that isn't there; from main's
// loop and a thread's, while other threads wait and work.
#include "uv.h"
#include <signal.h>

static char output[4096];
static size_t length;
static int ended;

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)handle, (void)size;
    *buffer = uv_buf_init(output + length, sizeof output - 1 - length);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    (void)buffer;
    if (n > 0)
        length += n;
    else if (n < 0)
        close_handle(stream);
}

static int64_t exit_status;
static int exit_signal;

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    exit_status = status, exit_signal = number;
    ended++;
    close_handle(process);
}

static void on_written(uv_write_t *request, int status)
{
    fine(status);
    close_handle(request->handle);
}

static void on_time(uv_timer_t *timer)
{
    fine(uv_process_kill(timer->data, SIGTERM));
    close_handle(timer);
}

static void spawn(uv_loop_t *loop, char *const arguments[], const char *input, int kill_it)
{
    uv_pipe_t in, out;
    uv_process_t process;
    uv_write_t request;
    uv_timer_t timer;
    uv_stdio_container_t streams[3] = {{.flags = UV_IGNORE}, {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE}, {.flags = UV_INHERIT_FD, .data.fd = 2}};
    uv_process_options_t options = {.exit_cb = on_exit_of, .file = arguments[0], .args = (char **)arguments, .stdio = streams, .stdio_count = 3};
    length = 0;
    exit_status = exit_signal = -1;
    fine(uv_pipe_init(loop, &out, 0));
    streams[1].data.stream = (uv_stream_t *)&out;
    if (input != NULL) {
        fine(uv_pipe_init(loop, &in, 0));
        streams[0] = (uv_stdio_container_t){.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&in};
    }
    int result = uv_spawn(loop, &process, &options);
    printf("%s: %s", arguments[0], result < 0 ? uv_err_name(result) : "started");
    if (result < 0) {
        close_handle(&out);
        close_handle(&process);
    } else {
        fine(uv_read_start((uv_stream_t *)&out, on_alloc, on_read));
        if (input != NULL) {
            uv_buf_t part = uv_buf_init((char *)input, strlen(input));
            fine(uv_write(&request, (uv_stream_t *)&in, &part, 1, on_written));
        }
        if (kill_it) {
            fine(uv_timer_init(loop, &timer));
            timer.data = &process;
            fine(uv_timer_start(&timer, on_time, 5, 0));
        }
    }
    uv_run(loop, UV_RUN_DEFAULT);
    output[length] = 0;
    printf(", status %ld, signal %d, output: %s\n", (long)exit_status, exit_signal, output);
}

static void *run(void *unused)
{
    (void)unused;
    uv_loop_t loop;
    fine(uv_loop_init(&loop));
    spawn(&loop, (char *[]){"/bin/echo", "-n", "from", "a child", NULL}, NULL, 0);
    spawn(&loop, (char *[]){"/bin/cat", NULL}, "through the cat", 0);
    spawn(&loop, (char *[]){"/bin/sh", "-c", "echo before; exit 3", NULL}, NULL, 0);
    spawn(&loop, (char *[]){"/bin/sleep", "30", NULL}, NULL, 1);
    spawn(&loop, (char *[]){"/bin/is-not-there", NULL}, NULL, 0);
    // Ten at once.
    uv_process_t many[10];
    ended = 0;
    for (int i = 0; i < 10; i++) {
        char *arguments[] = {"/bin/true", NULL};
        uv_process_options_t options = {.exit_cb = on_exit_of, .file = arguments[0], .args = arguments};
        fine(uv_spawn(&loop, &many[i], &options));
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    printf("ended %d\n", ended);
    end_loop(&loop);
    return NULL;
}

static void *echoes(void *fd)
{
    char byte;
    long count = 0;
    while (read(unbox(fd), &byte, 1) == 1) {
        must(write(unbox(fd), &byte, 1));
        count++;
    }
    return box(count);
}

static void *asks(void *fd)
{
    char byte = 'q';
    long count = 0;
    for (int i = 0; i < 200; i++) {
        must(write(unbox(fd), &byte, 1));
        count += must(read(unbox(fd), &byte, 1));
        usleep(100);
    }
    must(shutdown(unbox(fd), SHUT_WR));
    return box(count);
}

int main(void)
{
    int pair[2];
    // Not inherited: a child that keeps the other end open would keep the echo going.
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    pthread_t server = start(echoes, box(pair[0])), client = start(asks, box(pair[1]));
    run(NULL);
    join(start(run, NULL));
    printf("asked %ld, ", unbox(join(client)));
    printf("echoed %ld\n", unbox(join(server)));
    return 0;
}
