// What is in streams' buffers when the process ends comes out, once; a stream that a thread has locked for good, or is blocked in, doesn't keep
// the process from ending.
#include "load.h"
#include <stdatomic.h>

static int full[2];

static void *locks(void *opened)
{
    flockfile(stdout);
    printf("locked,");
    gate_open(opened);
    sleep(100);
    return NULL;
}

static void locked(void)
{
    static struct gate is_locked = GATE_CLOSED;
    start(locks, &is_locked);
    gate_wait(&is_locked);
    exit(3);
}

static void *locks_file(void *file)
{
    static struct gate is_locked = GATE_CLOSED;
    (void)is_locked;
    flockfile(file);
    fprintf(file, "in a file\n");
    gate_open(&never);
    sleep(100);
    return NULL;
}

static void locked_file(void)
{
    FILE *file = fopen("file", "w");
    start(locks_file, file);
    gate_wait(&never);
    exit(4);
}

static void *blocks(void *file)
{
    static char much[1 << 18];
    fwrite(much, 1, sizeof much, file);
    return NULL;
}

// A thread in fwrite to a pipe that nobody reads, by an unbuffered stream: nothing is left to be flushed.
static void blocked(void)
{
    must(pipe(full));
    FILE *file = fdopen(full[1], "w");
    setvbuf(file, NULL, _IONBF, 0);
    start(blocks, file);
    usleep(20000);
    printf("flushed\n");
    exit(5);
}

static void *reads(void *file)
{
    char line[100];
    printf("%s", fgets(line, sizeof line, file) ? line : "none\n");
    return NULL;
}

// A thread in fgets.
static void reading(void)
{
    must(pipe(full));
    start(reads, fdopen(full[0], "r"));
    usleep(20000);
    printf("flushed\n");
    exit(6);
}

static atomic_int written;

static void *writes(void *name)
{
    char path[100];
    snprintf(path, sizeof path, "part%ld", unbox(name));
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 100; i++)
        fprintf(file, "%d\n", i);
    written++;
    gate_wait(&never);
    return NULL;
}

static void many(void)
{
    for (int i = 0; i < 50; i++)
        start_small(writes, box(i));
    while (written < 50)
        usleep(1000);
    exit(7);
}

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"locked", locked}, {"locked file", locked_file}, {"blocked in fwrite", blocked}, {"blocked in fgets", reading}, {"many", many},
    };
    char line[100], path[100];
    int lines = 0;
    int status = RUN_WAYS(argc, argv, ways);
    if (argc > 1)
        return status;
    FILE *file = fopen("file", "r");
    printf("the file: %s", fgets(line, sizeof line, file) ? line : "nothing\n");
    for (int i = 0; i < 50; i++) {
        snprintf(path, sizeof path, "part%d", i);
        file = fopen(path, "r");
        while (file && fgets(line, sizeof line, file))
            lines++;
    }
    printf("the files: %d lines\n", lines);
    return 0;
}
