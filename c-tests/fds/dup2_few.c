// As many numbers as `ulimit -n 256` allows become a file's, one after the other, and stay so; threads wait meanwhile.
#include "../fixture.h"
#include <fcntl.h>

enum { FIRST = 20, LIMIT = 256, READERS = 6 };

static int pipes[READERS][2];

static void *reader(void *number)
{
    char byte;
    long sum = 0;
    while (read(pipes[unbox(number)][0], &byte, 1) == 1)
        sum += byte;
    return box(sum);
}

static void say(char byte)
{
    for (int i = 0; i < READERS; i++)
        write_all(pipes[i][1], &byte, 1);
}

int main(void)
{
    struct rlimit limit;
    pthread_t readers[READERS];
    int file = must(open("data", O_RDWR | O_CREAT, 0600)), right = 0;

    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = LIMIT;
    must(setrlimit(RLIMIT_NOFILE, &limit));
    for (int i = 0; i < READERS; i++) {
        must(pipe(pipes[i]));
        readers[i] = start(reader, box(i));
    }
    say(1);
    let_it_block();
    for (int fd = FIRST; fd < LIMIT; fd++) {
        right += must(dup2(file, fd)) == fd;
        close(fd);
    }
    printf("one by one: %d\n", right);
    say(2);
    let_it_block();
    for (int fd = FIRST; fd < LIMIT; fd++)
        right += must(dup2(file, fd)) == fd;
    printf("and all at once: %d\n", right);
    printf("too far: %s\n", answer(dup2(file, LIMIT)));
    say(3);
    for (int fd = FIRST; fd < LIMIT; fd++)
        close(fd);
    for (int i = 0; i < READERS; i++)
        close(pipes[i][1]);
    for (int i = 0; i < READERS; i++)
        printf("reader %d: %ld\n", i, unbox(join(readers[i])));
    must(getrlimit(RLIMIT_NOFILE, &limit));
    printf("limit: %d, in the file: %ld bytes\n", (int)limit.rlim_cur, (long)lseek(file, 0, SEEK_END));
    return 0;
}
