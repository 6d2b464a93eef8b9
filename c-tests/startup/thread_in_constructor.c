// Threads started by a constructor, before main: they run, wait for pipes, and are joined by main.
#include "../sockets/net.h"
static pthread_t early[3];
static int fd[5][2];

// Waits for a byte on the pipe of its number.
static void *reader(void *arg) {
    long id = (long)arg;
    char byte;
    usleep(500);
    return (void *)(id * 10 + MUST(read(fd[id][0], &byte, 1)));
}

__attribute__((constructor)) static void begin(void) {
    for (int i = 0; i < 5; i++)
        MUST(pipe(fd[i]));
    for (long i = 0; i < 3; i++)
        early[i] = start(reader, (void *)i);
    // One is joined at once.
    pthread_t brief = start(reader, (void *)3L);
    write_all(fd[3][1], "x", 1);
    printf("in the constructor: %ld\n", finish(brief));
}

__attribute__((destructor)) static void end(void) {
    pthread_t late = start(reader, (void *)4L);
    write_all(fd[4][1], "x", 1);
    printf("in the destructor: %ld\n", finish(late));
}

int main(void) {
    long sum = 0;
    for (int i = 0; i < 3; i++) {
        write_all(fd[i][1], "x", 1);
        sum += finish(early[i]);
    }
    printf("in main: %ld\n", sum);
    return 0;
}
