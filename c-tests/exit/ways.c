// Each way for a process to end, in the middle of load: its status, and what of its output comes out.
// stderr: ignore
#include "load.h"
#include <assert.h>

static void at_exit(void)
{
    printf(" at_exit\n");
}

static void at_quick_exit_1(void)
{
    static const char text[] = "quickly\n";
    write_all(1, text, sizeof text - 1);
}

__attribute__((destructor)) static void destructor(void)
{
    if (talked)
        printf(" destructor\n");
}

static void prepare(void)
{
    atexit(at_exit);
    at_quick_exit(at_quick_exit_1);
    begin_load();
}

static void by_exit(void) { prepare(); exit(3); }
static void by_exit_now(void) { prepare(); _exit(4); }
static void by_Exit(void) { prepare(); _Exit(5); }
static void by_quick_exit(void) { prepare(); quick_exit(6); }
static void by_abort(void) { prepare(); abort(); }
static volatile int *volatile nowhere = (int *)8;

static void by_crash(void) { prepare(); *nowhere = 1; }
static void by_assert(void) { prepare(); assert(talked < 0); }
static void by_return(void) { prepare(); }
static void by_signal(void) { prepare(); kill(getpid(), SIGTERM); for (;;) pause(); }
static void by_kill(void) { prepare(); kill(getpid(), SIGKILL); for (;;) pause(); }

static void on_abort(int number)
{
    static const char text[] = "SIGABRT\n";
    (void)number;
    write_all(1, text, sizeof text - 1);
}

static void by_abort_handled(void)
{
    signal(SIGABRT, on_abort);
    prepare();
    abort();
}

static void on_abort_exit(int number)
{
    _exit(number + 10);
}

static void by_abort_exits(void)
{
    signal(SIGABRT, on_abort_exit);
    prepare();
    abort();
}

static void on_term(int number)
{
    exit(number);
}

static void by_handler(void)
{
    signal(SIGTERM, on_term);
    prepare();
    kill(getpid(), SIGTERM);
    for (;;)
        pause();
}

// From a thread.
static void (*then)(void);

static void *in_thread(void *unused)
{
    then();
    return unused;
}

static void thread_of(void (*way)(void))
{
    then = way;
    join(start(in_thread, NULL));
}

static void thread_exit(void) { thread_of(by_exit); }
static void thread_exit_now(void) { thread_of(by_exit_now); }
static void thread_quick_exit(void) { thread_of(by_quick_exit); }
static void thread_abort(void) { thread_of(by_abort); }
static void thread_abort_handled(void) { thread_of(by_abort_handled); }
static void thread_crash(void) { thread_of(by_crash); }
static void thread_assert(void) { thread_of(by_assert); }
static void thread_signal(void) { thread_of(by_signal); }
static void thread_handler(void) { thread_of(by_handler); }

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"exit", by_exit}, {"_exit", by_exit_now}, {"_Exit", by_Exit}, {"quick_exit", by_quick_exit}, {"abort", by_abort},
        {"crash", by_crash}, {"assert", by_assert}, {"return", by_return}, {"SIGTERM", by_signal}, {"SIGKILL", by_kill},
        {"abort, handled", by_abort_handled}, {"abort, whose handler ends", by_abort_exits}, {"SIGTERM, whose handler exits", by_handler},
        {"exit of a thread", thread_exit}, {"_exit of a thread", thread_exit_now}, {"quick_exit of a thread", thread_quick_exit},
        {"abort of a thread", thread_abort}, {"abort of a thread, handled", thread_abort_handled}, {"crash of a thread", thread_crash},
        {"assert in a thread", thread_assert}, {"SIGTERM beside a thread", thread_signal}, {"SIGTERM, handler, beside a thread", thread_handler},
    };
    return RUN_WAYS(argc, argv, ways);
}
