// A program that takes all numbers it can name by dup2, while its threads wait for data, for time and for each other.
#include "../fixture.h"
#include <fcntl.h>

enum { FIRST = 20, LAST = 1100, READERS = 6 };

static int pipes[READERS][2];
static struct gate gate = GATE_CLOSED;

static void *reader(void *number)
{
    char byte;
    long sum = 0;
    while (read(pipes[unbox(number)][0], &byte, 1) == 1)
        sum += byte;
    return box(sum);
}

static void *sleeper(void *unused)
{
    (void)unused;
    for (int i = 0; i < 5; i++)
        usleep(5000);
    gate_wait(&gate);
    return NULL;
}

static void say(char byte)
{
    for (int i = 0; i < READERS; i++)
        write_all(pipes[i][1], &byte, 1);
}

// Each number, one after the other, becomes the file, and is closed again.
static void *taker(void *file)
{
    long right = 0;
    for (int fd = FIRST; fd <= LAST; fd++) {
        right += dup2(unbox(file), fd) == fd && fcntl(fd, F_GETFD) == 0;
        close(fd);
    }
    return box(right);
}

int main(void)
{
    pthread_t readers[READERS], waits;
    int file = must(open("data", O_RDWR | O_CREAT, 0600));
    struct rlimit limit;

    raise_file_limit();
    must(getrlimit(RLIMIT_NOFILE, &limit));
    for (int i = 0; i < READERS; i++) {
        must(pipe(pipes[i]));
        readers[i] = start(reader, box(i));
    }
    waits = start(sleeper, NULL);
    say(1);
    printf("main: %ld\n", unbox(taker(box(file))));
    say(2);
    printf("a thread: %ld\n", unbox(join(start(taker, box(file)))));
    say(3);
    let_it_block();
    // And now they stay.
    int kept = 0;
    for (int fd = FIRST; fd <= LAST; fd++)
        kept += must(dup2(file, fd)) == fd;
    printf("kept: %d\n", kept);
    say(4);
    printf("replaced: %ld\n", unbox(join(start(taker, box(file)))));
    gate_open(&gate);
    join(waits);
    for (int i = 0; i < READERS; i++)
        close(pipes[i][1]);
    for (int i = 0; i < READERS; i++)
        printf("reader %d: %ld\n", i, unbox(join(readers[i])));
    printf("in the file: %ld bytes\n", (long)lseek(file, 0, SEEK_END));
    return 0;
}
