// High numbers are closed by an instruction of the program's own, and then given out again for a file; threads that wait are
// woken all the same.
#include "../fixture.h"
#include "raw.h"
#include <fcntl.h>

enum { FIRST = 100, LAST = 1023, ROUNDS = 50 };

static int pipes[2][2];

static void *echo(void *unused)
{
    char byte;
    (void)unused;
    while (read(pipes[0][0], &byte, 1) == 1)
        write_all(pipes[1][1], &byte, 1);
    return NULL;
}

static void *sleeper(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++)
        usleep(2000);
    return NULL;
}

static long talk(void)
{
    long sum = 0;
    for (char byte = 0; byte < ROUNDS; byte++) {
        char back;
        write_all(pipes[0][1], &byte, 1);
        must(read(pipes[1][0], &back, 1));
        sum += back;
    }
    return sum;
}

int main(void)
{
    raise_file_limit();
    int file = must(open("data", O_RDWR | O_CREAT, 0600));
    must(pipe(pipes[0]));
    must(pipe(pipes[1]));
    pthread_t echoes = start(echo, NULL), sleeps = start(sleeper, NULL);
    printf("before: %ld\n", talk());
    for (int fd = FIRST; fd <= LAST; fd++)
        raw_close(fd);
    int count = 0;
    while (must(fcntl(file, F_DUPFD, FIRST)) < LAST)
        count++;
    printf("taken: %s\n", yes(count > 800));
    printf("after: %ld\n", talk());
    let_it_block();
    printf("again: %ld\n", talk());
    close(pipes[0][1]);
    join(echoes);
    join(sleeps);
    return 0;
}
