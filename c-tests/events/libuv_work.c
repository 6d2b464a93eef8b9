// needs: libuv1-dev
// link: -luv
// libuv's thread pool: work that blocks in pipes and sleeps, as uv_queue_work calls it; its order of results doesn't matter, its number
// does; work that is cancelled; uv_async_send from threads; two loops in two threads, both with work in the one pool.
#include "uv.h"
#include <stdatomic.h>

enum { JOBS = 60, SENDERS = 8, SENDS = 200 };

struct job {
    uv_work_t request;
    int number, ends[2], result;
};

static _Atomic int worked;

static void work(uv_work_t *request)
{
    struct job *job = (struct job *)request;
    char byte = job->number;
    // Some wait for a pipe that another thread writes to, some sleep, some compute.
    if (job->number % 3 == 0)
        read_all(job->ends[0], &byte, 1);
    else if (job->number % 3 == 1)
        usleep(1000);
    job->result = byte * 2;
    atomic_fetch_add(&worked, 1);
}

static int finished, right;

static void after(uv_work_t *request, int status)
{
    struct job *job = (struct job *)request;
    fine(status);
    finished++;
    right += job->result == job->number * 2;
    if (job->number % 3 == 0)
        close(job->ends[0]), close(job->ends[1]);
}

static void *feeds(void *argument)
{
    struct job *jobs = argument;
    for (int i = 0; i < JOBS; i += 3) {
        char byte = i;
        must(write(jobs[i].ends[1], &byte, 1));
    }
    return NULL;
}

static void queue(uv_loop_t *loop)
{
    static struct job jobs[JOBS];
    for (int i = 0; i < JOBS; i++) {
        jobs[i].number = i;
        if (i % 3 == 0)
            must(pipe(jobs[i].ends));
        fine(uv_queue_work(loop, &jobs[i].request, work, after));
    }
    pthread_t feeder = start(feeds, jobs);
    printf("run: %d, ", uv_run(loop, UV_RUN_DEFAULT));
    join(feeder);
    printf("worked %d, finished %d, right %d\n", worked, finished, right);
}

// All the pool's threads wait here, so that what comes later can be cancelled.
static struct gate gate = GATE_CLOSED;

static void holds(uv_work_t *request)
{
    (void)request;
    gate_wait(&gate);
}

static int cancelled, done;

static void after_held(uv_work_t *request, int status)
{
    (void)request;
    if (status == UV_ECANCELED)
        cancelled++;
    else
        done++;
}

static void cancel(uv_loop_t *loop)
{
    uv_work_t first[4], later[10];
    int accepted = 0;
    for (int i = 0; i < 4; i++)
        fine(uv_queue_work(loop, &first[i], holds, after_held));
    for (int i = 0; i < 10; i++)
        fine(uv_queue_work(loop, &later[i], holds, after_held));
    for (int i = 0; i < 10; i += 2)
        accepted += uv_cancel((uv_req_t *)&later[i]) == 0;
    gate_open(&gate);
    uv_run(loop, UV_RUN_DEFAULT);
    printf("accepted %d, cancelled %d, done %d\n", accepted, cancelled, done);
}

struct bell {
    uv_async_t async;
    _Atomic int sent;
    int seen, calls;
};

static void on_bell(uv_async_t *async)
{
    struct bell *bell = (struct bell *)async;
    // Several sends may come as one call; what was sent before the call is seen.
    bell->seen = atomic_load(&bell->sent);
    bell->calls++;
}

static void *sends(void *argument)
{
    struct bell *bell = argument;
    for (int i = 0; i < SENDS; i++) {
        if (i % 50 == 0)
            usleep(200);
        // Counted first, then told.
        atomic_fetch_add(&bell->sent, 1);
        fine(uv_async_send(&bell->async));
    }
    return NULL;
}

static void rings(uv_loop_t *loop)
{
    static struct bell bell;
    pthread_t senders[SENDERS];
    memset(&bell, 0, sizeof bell);
    fine(uv_async_init(loop, &bell.async, on_bell));
    for (int i = 0; i < SENDERS; i++)
        senders[i] = start(sends, &bell);
    // The loop is left for a while, and called again.
    while (bell.seen < SENDERS * SENDS)
        uv_run(loop, UV_RUN_ONCE);
    for (int i = 0; i < SENDERS; i++)
        join(senders[i]);
    close_handle(&bell.async);
    uv_run(loop, UV_RUN_DEFAULT);
    printf("seen %d, no more calls than sends: %s\n", bell.seen, yes(bell.calls <= SENDERS * SENDS));
}

// A loop of a thread's own with work in the pool.
static void add_one(uv_work_t *request)
{
    atomic_fetch_add((_Atomic int *)request->data, 1);
}

static void more(uv_work_t *request, int status);

struct own {
    uv_work_t request;
    _Atomic int count;
    uv_thread_t thread, pool;
    int right_thread;
};

static void more(uv_work_t *request, int status)
{
    struct own *own = (struct own *)request;
    uv_thread_t self = uv_thread_self();
    fine(status);
    own->right_thread += uv_thread_equal(&self, &own->thread);
    if (own->count < 100)
        fine(uv_queue_work(request->loop, request, add_one, more));
}

static void *own_loop(void *argument)
{
    struct own *own = argument;
    uv_loop_t loop;
    own->thread = uv_thread_self();
    own->request.data = &own->count;
    fine(uv_loop_init(&loop));
    fine(uv_queue_work(&loop, &own->request, add_one, more));
    uv_run(&loop, UV_RUN_DEFAULT);
    end_loop(&loop);
    return box(own->count * 1000 + own->right_thread);
}

int main(void)
{
    uv_loop_t loop;
    struct own own[2] = {0};
    pthread_t threads[2];
    fine(uv_loop_init(&loop));
    queue(&loop);
    cancel(&loop);
    rings(&loop);
    end_loop(&loop);
    for (int i = 0; i < 2; i++)
        threads[i] = start(own_loop, &own[i]);
    for (int i = 0; i < 2; i++)
        printf("own loop: %ld\n", unbox(join(threads[i])));
    return 0;
}
