// pthread_exit runs the cleanup handlers, last pushed first, from any depth; popped ones do not run again.
#include "fixture.h"

static void say(void *text)
{
    printf("  %s\n", (char *)text);
}

static void *returns_normally(void *arg)
{
    pthread_cleanup_push(say, "popped and run");
    pthread_cleanup_push(say, "popped, never run");
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(1);
    return arg;
}

static void *exits(void *arg)
{
    pthread_cleanup_push(say, "first pushed");
    pthread_cleanup_push(say, "popped before the exit");
    pthread_cleanup_pop(0);
    pthread_cleanup_push(say, "second pushed");
    pthread_cleanup_push(say, "third pushed");
    usleep(1000); // a wait between push and exit
    pthread_exit(arg);
    pthread_cleanup_pop(1);
    pthread_cleanup_pop(1);
    pthread_cleanup_pop(1);
    return NULL;
}

static volatile int always = 1;

__attribute__((noinline)) static void down(int depth)
{
    static char *places[] = {"", "at depth 10", "at depth 20", "at depth 30"};
    if (depth == 0 && always)
        pthread_exit(box(3));
    if (depth % 10 == 0 && depth > 0) {
        pthread_cleanup_push(say, places[depth / 10]);
        down(depth - 1);
        pthread_cleanup_pop(0);
    } else if (depth > 0) {
        down(depth - 1);
    }
    printf("not reached\n");
}

static void *exits_deep(void *arg)
{
    pthread_cleanup_push(say, "at the top");
    down(35);
    pthread_cleanup_pop(0);
    return arg;
}

// A handler may itself wait, and may push and pop.
static void waits(void *fd)
{
    char byte;
    must(read(*(int *)fd, &byte, 1));
    pthread_cleanup_push(say, "pushed inside a handler");
    pthread_cleanup_pop(1);
    printf("  handler read '%c'\n", byte);
}

static void *exits_into_a_wait(void *fd)
{
    pthread_cleanup_push(waits, fd);
    pthread_exit(box(4));
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    int fds[2];

    printf("returns\n");
    printf("-> %ld\n", unbox(join(start(returns_normally, box(1)))));
    printf("exits\n");
    printf("-> %ld\n", unbox(join(start(exits, box(2)))));
    printf("exits deep\n");
    printf("-> %ld\n", unbox(join(start(exits_deep, NULL))));
    printf("exits into a wait\n");
    must(pipe(fds));
    pthread_t thread = start(exits_into_a_wait, &fds[0]);
    let_it_block();
    must(write(fds[1], "x", 1));
    printf("-> %ld\n", unbox(join(thread)));
    return 0;
}
