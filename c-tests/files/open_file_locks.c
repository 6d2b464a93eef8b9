// Open file description locks exclude threads with descriptions of their own: a counter, waiting, conflicts, the close that unlocks.
#include "../fixture.h"
#include "../sockets/calls.h"

enum { THREADS = 5, ROUNDS = 20 };
static int counter, turn[2];

static const char *lock(int fd, int command, int type, long from, long size)
{
    struct flock want = {.l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = size};
    return answer(fcntl(fd, command, &want));
}

static void *works(void *unused)
{
    int fd = must(open("file", O_RDWR)), bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        bad += strcmp(lock(fd, F_OFD_SETLKW, F_WRLCK, 0, 0), "0") != 0;
        int seen = counter;
        usleep(100);
        counter = seen + 1;
        bad += strcmp(lock(fd, F_OFD_SETLK, F_UNLCK, 0, 0), "0") != 0;
    }
    close(fd);
    (void)unused;
    return box(bad);
}

static void *waits(void *unused)
{
    int fd = must(open("file", O_RDWR));
    must(write(turn[1], "x", 1));
    printf("it waits: %s\n", lock(fd, F_OFD_SETLKW, F_WRLCK, 5, 1));
    close(fd);
    return unused;
}

static void *asks(void *unused)
{
    int one = must(open("file", O_RDWR)), two = must(open("file", O_RDWR)), same = must(dup(one)), readable = must(open("file", O_RDONLY));
    printf("one: %s", lock(one, F_OFD_SETLK, F_WRLCK, 0, 10));
    printf(", again: %s", lock(one, F_OFD_SETLKW, F_WRLCK, 0, 10));
    printf(", its dup: %s", lock(same, F_OFD_SETLK, F_WRLCK, 5, 1));
    printf(", two: %s", lock(two, F_OFD_SETLK, F_WRLCK, 5, 1));
    printf(", two beside: %s", lock(two, F_OFD_SETLK, F_WRLCK, 10, 1));
    printf(", a process lock: %s\n", lock(two, F_SETLK, F_WRLCK, 5, 1));
    struct flock who = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 3, .l_len = 1};
    must(fcntl(two, F_OFD_GETLK, &who));
    printf("F_OFD_GETLK: %s, from %ld, %ld, pid %d\n", who.l_type == F_WRLCK ? "write" : "?", (long)who.l_start, (long)who.l_len, (int)who.l_pid);
    who.l_pid = 1;
    printf("a pid in it: %s\n", answer(fcntl(two, F_OFD_SETLKW, &who)));
    printf("read-only: %s", lock(readable, F_OFD_SETLKW, F_WRLCK, 50, 1));
    printf(", bad fd: %s\n", lock(9999, F_OFD_SETLKW, F_WRLCK, 50, 1));
    pthread_t thread = start(waits, NULL);
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    close(one);
    printf("one closed, its dup still has it: %s\n", lock(two, F_OFD_SETLK, F_WRLCK, 5, 1));
    close(same);
    join(thread);
    printf("two: %s\n", lock(two, F_OFD_SETLK, F_RDLCK, 0, 0));
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    long bad = 0;
    close(must(open("file", O_RDWR | O_CREAT, 0600)));
    must(pipe(turn));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(works, NULL);
    for (int i = 0; i < THREADS; i++)
        bad += unbox(join(threads[i]));
    printf("counted %d, bad %ld\n", counter, bad);
    join(start(asks, NULL));
    return 0;
}
