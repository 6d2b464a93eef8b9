// needs: libuv1-dev
// link: -luv
// libuv's file operations: each synchronously and in the thread pool, good ones and those that fail; a chain of them in the loop while
// a timer ticks; a file that changes under uv_fs_event; from main's loop and a thread's.
#include "uv.h"
#include <fcntl.h>
#include <sys/stat.h>

static uv_loop_t *loop;
static int async_turn;
static char names[200];

static void on_done(uv_fs_t *request)
{
    *(int *)request->data = 1;
}

// Runs one operation, in the pool or right here, and gives its result.
static uv_fs_t request;
static int done;
#define DO(operation, ...)                                                                                    \
    ({                                                                                                        \
        memset(&request, 0, sizeof request);                                                                  \
        done = 0;                                                                                             \
        request.data = &done;                                                                                 \
        long result_ = uv_fs_##operation(loop, &request, ##__VA_ARGS__, async_turn ? on_done : NULL);          \
        if (async_turn && result_ == 0) {                                                                     \
            uv_run(loop, UV_RUN_DEFAULT);                                                                     \
            result_ = done ? request.result : -1000;                                                          \
        }                                                                                                     \
        result_;                                                                                              \
    })
#define SAY(operation, ...)                                                       \
    do {                                                                          \
        long said_ = DO(operation, ##__VA_ARGS__);                                \
        printf("%s: %s\n", #operation, uv_answer(said_));                         \
        uv_fs_req_cleanup(&request);                                              \
    } while (0)

static void operations(void)
{
    char block[64] = "";
    uv_buf_t out[2] = {uv_buf_init("hello ", 6), uv_buf_init("world", 5)}, in = uv_buf_init(block, sizeof block);
    int fd = DO(open, "file", O_CREAT | O_RDWR | O_TRUNC, 0600);
    uv_fs_req_cleanup(&request);
    printf("open: %s\n", yes(fd > 2));
    SAY(write, fd, out, 2, 0);
    SAY(write, fd, out, 1, -1);
    SAY(read, fd, &in, 1, 0);
    printf("read: %s\n", block);
    SAY(read, fd, &in, 1, 100);
    SAY(fsync, fd);
    SAY(fdatasync, fd);
    SAY(ftruncate, fd, 5);
    long result = DO(fstat, fd);
    printf("fstat: %ld, size %d\n", result, (int)request.statbuf.st_size);
    uv_fs_req_cleanup(&request);
    SAY(fchmod, fd, 0640);
    result = DO(stat, "file");
    printf("stat: %ld, mode %o\n", result, (unsigned)request.statbuf.st_mode & 0777);
    uv_fs_req_cleanup(&request);
    SAY(close, fd);
    SAY(close, 1000);
    SAY(open, "missing/file", O_RDONLY, 0);
    SAY(stat, "missing");
    SAY(mkdir, "folder", 0700);
    SAY(mkdir, "folder", 0700);
    SAY(rename, "file", "folder/one");
    SAY(copyfile, "folder/one", "folder/two", 0);
    SAY(copyfile, "folder/one", "folder/two", UV_FS_COPYFILE_EXCL);
    SAY(symlink, "one", "folder/link", 0);
    SAY(access, "folder/link", R_OK);
    result = DO(readlink, "folder/link");
    printf("readlink: %ld, %s\n", result, (char *)request.ptr);
    uv_fs_req_cleanup(&request);
    result = DO(scandir, "folder", 0);
    names[0] = 0;
    uv_dirent_t entry;
    while (uv_fs_scandir_next(&request, &entry) != UV_EOF) {
        strcat(names, " ");
        strcat(names, entry.name);
    }
    printf("scandir: %ld,%s\n", result, names);
    uv_fs_req_cleanup(&request);
    SAY(rmdir, "folder");
    SAY(unlink, "folder/link");
    SAY(unlink, "folder/one");
    SAY(unlink, "folder/two");
    SAY(unlink, "folder/two");
    SAY(rmdir, "folder");
}

// Open, read, write, close as a chain of callbacks, many at a time.
enum { CHAINS = 20, STEPS = 10 };
struct chain {
    uv_fs_t request;
    char name[16], text[16];
    uv_file file;
    int step;
};
static int chains_ended, wrong, ticks;

static void next(uv_fs_t *done)
{
    struct chain *chain = (struct chain *)done;
    long result = done->result;
    uv_fs_req_cleanup(done);
    if (result < 0)
        wrong++;
    if (chain->step == 0)
        chain->file = result;
    if (chain->step == STEPS) {
        wrong += strcmp(chain->text, chain->name);
        fine(uv_fs_close(done->loop, done, chain->file, next));
    } else if (chain->step > STEPS) {
        chains_ended++;
        return;
    } else {
        uv_buf_t part = uv_buf_init(chain->step % 2 ? chain->text : chain->name, sizeof chain->text);
        fine(chain->step % 2 ? uv_fs_read(done->loop, done, chain->file, &part, 1, 0, next) : uv_fs_write(done->loop, done, chain->file, &part, 1, 0, next));
    }
    chain->step++;
}

static void on_tick(uv_timer_t *timer)
{
    if (++ticks >= 10 && chains_ended == CHAINS)
        close_handle(timer);
}

static void on_change(uv_fs_event_t *watch, const char *name, int events, int status)
{
    fine(status);
    printf("changed: %s, %s\n", name, events & UV_RENAME ? "rename" : "change");
    close_handle(watch);
}

static void on_write_time(uv_timer_t *timer)
{
    close(must(open("watched", O_CREAT | O_RDWR, 0600)));
    close_handle(timer);
}

static void *run(void *unused)
{
    (void)unused;
    uv_loop_t own;
    loop = &own;
    fine(uv_loop_init(loop));
    for (async_turn = 0; async_turn < 2; async_turn++) {
        printf(async_turn ? "in the pool\n" : "here\n");
        operations();
    }
    static struct chain chains[CHAINS];
    uv_timer_t timer;
    memset(chains, 0, sizeof chains);
    chains_ended = wrong = ticks = 0;
    fine(uv_timer_init(loop, &timer));
    fine(uv_timer_start(&timer, on_tick, 1, 1));
    for (int i = 0; i < CHAINS; i++) {
        snprintf(chains[i].name, sizeof chains[i].name, "chain%d", i);
        fine(uv_fs_open(loop, &chains[i].request, chains[i].name, O_CREAT | O_RDWR, 0600, next));
    }
    uv_run(loop, UV_RUN_DEFAULT);
    printf("chains %d, wrong %d, ticked: %s\n", chains_ended, wrong, yes(ticks >= 10));
    uv_fs_event_t watch;
    must(mkdir("place", 0700));
    must(chdir("place"));
    fine(uv_fs_event_init(loop, &watch));
    fine(uv_fs_event_start(&watch, on_change, ".", 0));
    fine(uv_timer_init(loop, &timer));
    fine(uv_timer_start(&timer, on_write_time, 2, 0));
    uv_run(loop, UV_RUN_DEFAULT);
    unlink("watched");
    must(chdir(".."));
    must(rmdir("place"));
    end_loop(loop);
    return NULL;
}

int main(void)
{
    run(NULL);
    join(start(run, NULL));
    return 0;
}
