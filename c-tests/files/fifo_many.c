// Thirty readers wait in open for thirty writers, each at a FIFO of its own, while other threads pass bytes on; and many at one.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <stdatomic.h>
#include <sys/stat.h>

enum { PAIRS = 30, ROUNDS = 300 };
static int ping[2], pong[2];
static atomic_int open_now;

static void *reads(void *arg)
{
    char name[16], b[16] = "";
    snprintf(name, sizeof name, "fifo-%ld", unbox(arg));
    int fd = must(open(name, O_RDONLY));
    long n = read_all(fd, b, 9);
    close(fd);
    return box(n == 9 && !strncmp(b, name, 6));
}

static void *writes(void *arg)
{
    char name[16] = "";
    snprintf(name, sizeof name, "fifo-%ld", unbox(arg));
    int fd = must(open(name, O_WRONLY));
    write_all(fd, name, 9);
    close(fd);
    return NULL;
}

static void *reads_one(void *unused)
{
    char b;
    int fd = must(open("one", O_RDONLY)), n = 0;
    open_now++;
    while (must(read(fd, &b, 1)) == 1)
        n++;
    close(fd);
    (void)unused;
    return box(n);
}

static void *partner(void *unused)
{
    char b;
    while (must(read(ping[0], &b, 1)) == 1)
        must(write(pong[1], &b, 1));
    return unused;
}

int main(void)
{
    pthread_t readers[PAIRS], writers[PAIRS], other;
    char name[16], b = 'b';
    must(pipe(ping));
    must(pipe(pong));
    for (int i = 0; i < PAIRS; i++) {
        snprintf(name, sizeof name, "fifo-%d", i);
        must(mkfifo(name, 0600));
    }
    must(mkfifo("one", 0600));
    other = start(partner, NULL);
    for (long i = 0; i < PAIRS; i++)
        readers[i] = start_small(reads, box(i));
    for (int i = 0; i < ROUNDS; i++) {
        must(write(ping[1], &b, 1));
        must(read(pong[0], &b, 1));
    }
    for (long i = PAIRS - 1; i >= 0; i--)
        writers[i] = start_small(writes, box(i));
    long right = 0;
    for (int i = 0; i < PAIRS; i++) {
        join(writers[i]);
        right += unbox(join(readers[i]));
    }
    printf("right: %ld\n", right);

    // One writer lets all readers in, and what it writes is read once.
    for (long i = 0; i < PAIRS; i++)
        readers[i] = start_small(reads_one, NULL);
    int fd = must(open("one", O_WRONLY));
    while (open_now < PAIRS)
        usleep(1000);
    for (int i = 0; i < 100; i++)
        must(write(fd, "x", 1));
    close(fd);
    right = 0;
    for (int i = 0; i < PAIRS; i++)
        right += unbox(join(readers[i]));
    printf("read by all: %ld\n", right);
    close(ping[1]);
    join(other);
    return 0;
}
