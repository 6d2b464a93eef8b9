// A handler that jumps out of a read that waits, with siglongjmp, 200 times, on main and on a worker.
// The mask is as it was, and the pipe still works.
#include "signals.h"
#include <setjmp.h>

enum { ROUNDS = 200 };
static __thread sigjmp_buf back;
static __thread volatile sig_atomic_t ready;
static int ends[2];

static void handler(int number)
{
    (void)number;
    if (ready) {
        ready = 0;
        siglongjmp(back, 1);
    }
}

struct job {
    pthread_t target;
    atomic_int stop;
};

static void *sends(void *arg)
{
    struct job *job = arg;
    block(SIGUSR1);
    while (!job->stop) {
        usleep(300);
        zero(pthread_kill(job->target, SIGUSR1));
    }
    return NULL;
}

static void *jumps_out(void *who)
{
    struct job job = {.target = pthread_self()};
    volatile int count = 0, masked = 0, local = 17;
    pthread_t sender = start(sends, &job);
    while (count < ROUNDS) {
        if (sigsetjmp(back, 1) == 0) {
            char byte;
            ready = 1;
            for (;;)
                if (read(ends[0], &byte, 1) == 1)
                    die("nobody wrote");
        }
        count++;
        masked += is_blocked(SIGUSR1) != 0;
    }
    job.stop = 1;
    join(sender);
    printf("%s: %d jumps, masked after %d, local %d\n", (char *)who, count, masked, local);
    return NULL;
}

int main(void)
{
    char byte = 0;
    must(pipe(ends));
    must(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler, .sa_flags = SA_RESTART}, NULL));
    jumps_out("main");
    join(start(jumps_out, "a worker"));
    must(write(ends[1], "x", 1));
    printf("the pipe: %s", answer(read(ends[0], &byte, 1)));
    printf(" %c\n", byte);
    return 0;
}
