// Exit's handlers: run once, last one first, on the thread that calls exit; they may wait for threads, start some, register more, call exit.
// Two threads that call exit at once.
// stderr: ignore
#include "load.h"

static __thread int mine;
static int line[2];

static void first(void) { printf("first, mine %d\n", mine); }
static void second(void) { printf("second, mine %d\n", mine); }
static void on_exit_1(int status, void *argument) { printf("on_exit: %d, %ld\n", status, unbox(argument)); }

static void *exits(void *status)
{
    mine = unbox(status);
    exit(unbox(status));
}

static void once(void)
{
    atexit(first);
    on_exit(on_exit_1, box(5));
    atexit(second);
    join(start(exits, box(11)));
}

static void late(void) { printf("late\n"); }
static void registers(void)
{
    printf("registers\n");
    atexit(late);
}

static void more(void)
{
    atexit(first);
    atexit(registers);
    join(start(exits, box(12)));
}

static void exits_again(void)
{
    printf("exits again\n");
    exit(14);
}

static void within(void)
{
    atexit(first);
    atexit(exits_again);
    atexit(second);
    join(start(exits, box(13)));
}

static void leaves_now(void)
{
    printf("never flushed\n");
    _exit(15);
}

static void now_within(void)
{
    atexit(first);
    atexit(leaves_now);
    join(start(exits, box(13)));
}

static void *answers(void *unused)
{
    char byte;
    must(read(line[0], &byte, 1));
    usleep(1000);
    printf("answers\n");
    return unused;
}

static pthread_t answerer;

static void joins(void)
{
    write_all(line[1], "x", 1);
    join(answerer);
    printf("joined\n");
    answerer = start(answers, NULL);
    write_all(line[1], "x", 1);
    join(answerer);
    printf("joined another\n");
}

static void waits_in_handler(void)
{
    must(pipe(line));
    answerer = start(answers, NULL);
    atexit(joins);
    join(start(exits, box(16)));
}

static void waits_in_mains_handler(void)
{
    must(pipe(line));
    answerer = start(answers, NULL);
    atexit(joins);
    exit(17);
}

// The second caller may end the process, or wait for ever, but the handlers run once, and what was written comes out once.
static struct gate both = GATE_CLOSED;

static void slow(void)
{
    gate_open(&both);
    usleep(20000);
    printf("slow\n");
}

static void *exits_too(void *status)
{
    gate_wait(&both);
    usleep(1000000);
    exit(unbox(status));
}

static void two(void)
{
    atexit(first);
    atexit(slow);
    start(exits_too, box(19));
    join(start(exits, box(18)));
}

static void under_load(void)
{
    atexit(first);
    begin_load();
    join(start(exits, box(20)));
}

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"once", once}, {"more", more}, {"exit within", within}, {"_exit within", now_within}, {"waits within", waits_in_handler},
        {"main's waits within", waits_in_mains_handler}, {"two at once", two}, {"under load", under_load},
    };
    return RUN_WAYS(argc, argv, ways);
}
