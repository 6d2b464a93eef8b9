// A daemon that has run threads already, and has some that wait for a condition and a time, closes the numbers 0 to 1023; then it
// serves, and so do the threads from before. In the last round it forks twice, and its parent had threads, too.
#include "daemon.h"

static struct gate gate = GATE_CLOSED;

static void *waits(void *unused)
{
    (void)unused;
    gate_wait(&gate);
    return box(1);
}

static void *naps(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++)
        usleep(1000);
    return box(1);
}

static void server_of(int kind)
{
    int ends[2];
    char byte;
    must(pipe(ends));
    pthread_t waiting = start(waits, NULL), napping = start(naps, NULL);
    // Files have been waited on.
    must(write(ends[1], "x", 1));
    must(read(ends[0], &byte, 1));
    if (kind == 0)
        for (int fd = 0; fd < 1024; fd++)
            close(fd);
    else if (kind == 1)
        close_range(0, 1023, 0);
    else
        closefrom(0);
    pthread_t later = start(waits, NULL);
    gate_open(&gate);
    if (unbox(join(waiting)) + unbox(join(later)) + unbox(join(napping)) != 3)
        _exit(93);
    run_server();
}

int main(void)
{
    for (int kind = 0; kind < 4; kind++) {
        fflush(stdout);
        pid_t server = must(fork());
        if (server == 0) {
            setsid();
            if (kind == 3) {
                // Once more, so that it never gets a terminal; the one between passes the end on.
                join(start(naps, NULL));
                pid_t second = must(fork());
                if (second != 0) {
                    int status = -1;
                    must(waitpid(second, &status, 0));
                    _exit(status != 0);
                }
            }
            server_of(kind);
        }
        ask_all(server);
    }
    return 0;
}
