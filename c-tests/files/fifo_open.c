// open of a FIFO waits for the other side, by each of the names that open files; O_NONBLOCK and O_RDWR don't wait.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/stat.h>

static int folder, turn[2];

static int by_open(int flags) { return open("fifo", flags); }
static int by_open64(int flags) { return open64("fifo", flags); }
static int by_openat(int flags) { return openat(folder, "fifo", flags); }
static int by_openat64(int flags) { return openat64(AT_FDCWD, "fifo", flags); }
static int by_creat(int flags) { return flags == O_RDONLY ? open("fifo", flags) : creat("fifo", 0600); }
static int by_creat64(int flags) { return flags == O_RDONLY ? open("fifo", flags) : creat64("fifo", 0600); }
static int by_open_creat(int flags) { return open("fifo", flags | O_CREAT | O_CLOEXEC, 0600); }
static int by_fopen(int flags)
{
    // A descriptor of its own, so that all can be used alike.
    FILE *file = fopen("fifo", flags == O_RDONLY ? "r" : "w");
    int fd = file ? must(dup(fileno(file))) : -1;
    if (file)
        fclose(file);
    return fd;
}

static const struct way {
    const char *name;
    int (*open)(int flags);
} ways[] = {{"open", by_open}, {"open64", by_open64}, {"openat", by_openat}, {"openat64", by_openat64}, {"creat", by_creat},
            {"creat64", by_creat64}, {"open, O_CREAT", by_open_creat}, {"fopen", by_fopen}};
enum { WAYS = sizeof ways / sizeof *ways };

static void *reads(void *way)
{
    char b[16] = "";
    must(write(turn[1], "x", 1));
    int fd = must(((const struct way *)way)->open(O_RDONLY));
    int blocking = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
    long n = must(read(fd, b, sizeof b)), end = must(read(fd, b, 1));
    printf("%s: read %ld %s, then %ld, blocking %s\n", ((const struct way *)way)->name, n, b, end, yes(blocking));
    close(fd);
    return NULL;
}

static void *writes(void *way)
{
    must(write(turn[1], "x", 1));
    int fd = must(((const struct way *)way)->open(O_WRONLY));
    write_all(fd, "hello", 5);
    close(fd);
    return NULL;
}

static void *asks(void *unused)
{
    char b[8];
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    int both = must(open("fifo", O_RDWR));
    printf("O_RDWR: read after write %s", answer(write(both, "x", 1)));
    printf(" %s\n", answer(read(both, b, sizeof b)));
    close(both);
    int in = must(open("fifo", O_RDONLY | O_NONBLOCK));
    printf("no writer: %s\n", answer(read(in, b, sizeof b)));
    int out = must(open("fifo", O_WRONLY | O_NONBLOCK));
    printf("a writer, nothing there: %s\n", answer(read(in, b, sizeof b)));
    int second = must(open("fifo", O_RDONLY));
    close(out);
    printf("the writer went: %s", answer(read(in, b, sizeof b)));
    printf(" %s\n", answer(read(second, b, sizeof b)));
    close(in);
    close(second);
    SHOW(open("fifo", O_RDONLY | O_DIRECTORY));
    SHOW(open("fifo", O_WRONLY | O_CREAT | O_EXCL, 0600));
    SHOW(open("missing", O_RDONLY));
    SHOW(open("missing/fifo", O_WRONLY));
    SHOW(openat(9999, "fifo", O_RDONLY));
    int path = must(open("fifo", O_PATH));
    SHOW(read(path, b, 1));
    printf("fopen, nothing there: %s\n", fopen("missing", "r") ? "a file" : error_name(errno));
    return unused;
}

int main(void)
{
    char byte;
    folder = must(open(".", O_RDONLY | O_DIRECTORY));
    must(mkfifo("fifo", 0600));
    must(pipe(turn));
    for (int i = 0; i < WAYS; i++) {
        // One time the reader comes first, the other time the writer.
        void *(*const first)(void *) = i % 2 ? writes : reads, *(*const second)(void *) = i % 2 ? reads : writes;
        pthread_t one = start(first, (void *)&ways[i]);
        must(read(turn[0], &byte, 1));
        if (i < 4)
            let_it_block();
        pthread_t two = start(second, (void *)&ways[i]);
        must(read(turn[0], &byte, 1));
        join(one);
        join(two);
    }
    join(start(asks, NULL));
    return 0;
}
