// A child closes what its parent's threads wait on, opens other things under the same numbers, and waits on those with threads of its own; the
// parent's threads hear of their events, and of nothing else.
#include "fixture.h"
#include <sys/wait.h>

enum { PIPES = 20 };

static int pipes[PIPES][2];

static void *reads(void *fd)
{
    char byte = 0;
    ssize_t got = read(unbox(fd), &byte, 1);
    return box(got == 1 ? byte : -1);
}

static void *round_trip(void *argument)
{
    int *pair = argument;
    char byte;
    usleep(1000);
    write_all(pair[1], "c", 1);
    return box(read(pair[1], &byte, 1) == 1 ? byte : -1);
}

static void child_main(int depth)
{
    int mine[PIPES][2];
    pthread_t threads[PIPES], readers[PIPES];
    long good = 0;

    for (int i = 0; i < PIPES; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    // They get the same numbers.
    for (int i = 0; i < PIPES; i++) {
        must(socketpair(AF_UNIX, SOCK_STREAM, 0, mine[i]));
        good += mine[i][0] == pipes[i][0] && mine[i][1] == pipes[i][1];
    }
    if (good != PIPES)
        _exit(1);
    good = 0;
    for (int i = 0; i < PIPES; i++) {
        readers[i] = start_small(reads, box(mine[i][0]));
        threads[i] = start_small(round_trip, mine[i]);
    }
    for (int i = 0; i < PIPES; i++) {
        // The reader has its byte; now the other.
        good += unbox(join(readers[i])) == 'c';
        write_all(mine[i][0], "d", 1);
        good += unbox(join(threads[i])) == 'd';
    }
    if (depth > 0) {
        memcpy(pipes, mine, sizeof pipes);
        pid_t child = fork();
        if (child == 0) {
            child_main(depth - 1);
            _exit(4);
        }
        int status;
        must(waitpid(child, &status, 0));
        if (status != 42 << 8)
            _exit(2);
        // Still its own.
        for (int i = 0; i < PIPES; i++)
            readers[i] = start_small(reads, box(mine[i][0]));
        for (int i = 0; i < PIPES; i++) {
            write_all(mine[i][1], "e", 1);
            good += unbox(join(readers[i])) == 'e';
        }
        good -= PIPES;
    }
    if (good == 2 * PIPES)
        _exit(42);
}

static void *forks(void *unused)
{
    int status;
    pid_t child = must(fork());
    if (child == 0)
        child_main(1);
    must(waitpid(child, &status, 0));
    printf("child: %d\n", WEXITSTATUS(status));
    return unused;
}

int main(void)
{
    pthread_t threads[PIPES];
    for (int round = 0; round < 3; round++) {
        long good = 0;
        for (int i = 0; i < PIPES; i++) {
            must(pipe(pipes[i]));
            threads[i] = start_small(reads, box(pipes[i][0]));
        }
        let_it_block();
        if (round == 1)
            forks(NULL);
        else
            join(start(forks, NULL));
        for (int i = 0; i < PIPES; i++) {
            char byte = 'A' + i;
            write_all(pipes[i][1], &byte, 1);
            good += unbox(join(threads[i])) == byte;
            close(pipes[i][0]);
            close(pipes[i][1]);
        }
        printf("parent: %ld\n", good);
    }
    return 0;
}
