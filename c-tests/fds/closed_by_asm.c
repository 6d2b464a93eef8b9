// All descriptors but the standard ones are closed by a system call instruction of the program's own, while threads wait for
// those, for time and for each other; then the program makes new ones and goes on.
#include "../fixture.h"
#include "raw.h"
#include <poll.h>

static struct gate gate = GATE_CLOSED;
static int pipes[2];

// One end of a connection is descriptor 0, the other one 2.
static void *reader(void *unused)
{
    char byte = 0;
    (void)unused;
    must(read(0, &byte, 1));
    return box(byte);
}

static void *poller(void *unused)
{
    struct pollfd one = {.fd = 0, .events = POLLIN};
    (void)unused;
    return box(poll(&one, 1, -1) == 1 && one.revents == POLLIN);
}

static void *sleeper(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++)
        usleep(5000);
    return box(10);
}

static void *waits(void *unused)
{
    (void)unused;
    gate_wait(&gate);
    return box(1);
}

static void *writer(void *unused)
{
    (void)unused;
    for (char byte = 1; byte <= 100; byte++)
        write_all(pipes[1], &byte, 1);
    close(pipes[1]);
    return NULL;
}

static void *sum(void *unused)
{
    char byte;
    long all = 0;
    (void)unused;
    while (read(pipes[0], &byte, 1) == 1)
        all += byte;
    return box(all);
}

// New descriptors, between threads.
static void talk(const char *when)
{
    must(pipe(pipes));
    pthread_t reads = start(sum, NULL), writes = start(writer, NULL);
    printf("%s: %ld\n", when, unbox(join(reads)));
    join(writes);
    close(pipes[0]);
}

static void *closer(void *unused)
{
    (void)unused;
    printf("closed by a thread: %ld\n", raw_close_range(3, ~0U));
    talk("in the thread");
    return NULL;
}

int main(void)
{
    int ends[2];
    stream_pair(ends);
    must(dup2(ends[0], 0));
    must(dup2(ends[1], 2));
    talk("before");
    pthread_t threads[] = {start(poller, NULL), start(sleeper, NULL), start(waits, NULL)};
    let_it_block();
    printf("closed by main: %ld\n", raw_close_range(3, ~0U));
    talk("after");
    let_it_block();
    join(start(closer, NULL));
    talk("again");
    let_it_block();
    // Nobody is awake in the end, and descriptor 0 is still there.
    printf("closed by main: %ld\n", raw_close_range(3, ~0U));
    write_all(2, "x", 1);
    printf("polled: %ld\n", unbox(join(threads[0])));
    printf("read: %c\n", (char)unbox(join(start(reader, NULL))));
    pthread_t last = start(reader, NULL);
    let_it_block();
    printf("closed by main: %ld\n", raw_close_range(3, ~0U));
    gate_open(&gate);
    printf("woken: %ld\n", unbox(join(threads[2])));
    printf("slept: %ld\n", unbox(join(threads[1])));
    write_all(2, "y", 1);
    printf("read: %c\n", (char)unbox(join(last)));
    return 0;
}
