// copy_file_range by threads: with and without places, within one file, to the end, and what it refuses.
#include "../fixture.h"
#include "../sockets/calls.h"

enum { SIZE = 1 << 20 };

static void *copies(void *arg)
{
    char name[2][16];
    long me = unbox(arg), all = 0, n;
    char *text = malloc(SIZE), *back = malloc(SIZE);
    snprintf(name[0], sizeof name[0], "from-%ld", me);
    snprintf(name[1], sizeof name[1], "to-%ld", me);
    int from = must(open(name[0], O_RDWR | O_CREAT, 0600)), to = must(open(name[1], O_RDWR | O_CREAT, 0600));
    for (long i = 0; i < SIZE; i++)
        text[i] = i * 3 + i / 999 + me;
    write_all(from, text, SIZE);
    must(lseek(from, 0, SEEK_SET));
    while ((n = must(copy_file_range(from, NULL, to, NULL, SIZE, 0))) > 0)
        all += n;
    must(pread(to, back, SIZE, 0));
    long right = all == SIZE && !memcmp(text, back, SIZE);
    free(text);
    free(back);
    return box(right);
}

static void *asks(void *unused)
{
    char b[32] = "";
    int from = must(open("small", O_RDWR | O_CREAT, 0600)), to = must(open("copy", O_RDWR | O_CREAT, 0600));
    int readable = must(open("copy", O_RDONLY)), writable = must(open("small", O_WRONLY)), append = must(open("copy", O_WRONLY | O_APPEND));
    int folder = must(open(".", O_RDONLY)), pipes[2], pair[2];
    off64_t in = 2, out = 5, negative = -1;
    must(pipe(pipes));
    stream_pair(pair);
    write_all(from, "0123456789", 10);
    SHOW(copy_file_range(from, &in, to, &out, 100, 0));
    printf("places %ld and %ld,", (long)in, (long)out);
    printf(" the files' %ld and %ld\n", (long)lseek(from, 0, SEEK_CUR), (long)lseek(to, 0, SEEK_CUR));
    printf("copy: %s", answer(pread(to, b, sizeof b, 0)));
    printf(" %s\n", b + 5);
    SHOW(copy_file_range(from, &in, to, &out, 100, 0));
    in = 0;
    SHOW(copy_file_range(from, &in, to, &out, 0, 0));
    in = 0, out = 20;
    SHOW(copy_file_range(from, &in, from, &out, 10, 0));
    in = 0, out = 5;
    SHOW(copy_file_range(from, &in, from, &out, 10, 0));
    SHOW(copy_file_range(from, &in, to, &out, 10, 1));
    SHOW(copy_file_range(from, &negative, to, &out, 10, 0));
    SHOW(copy_file_range(from, nowhere(), to, &out, 10, 0));
    SHOW(copy_file_range(from, &in, readable, NULL, 10, 0));
    SHOW(copy_file_range(writable, &in, to, NULL, 10, 0));
    SHOW(copy_file_range(from, &in, append, NULL, 10, 0));
    SHOW(copy_file_range(folder, NULL, to, NULL, 10, 0));
    SHOW(copy_file_range(pipes[0], NULL, to, NULL, 10, 0));
    SHOW(copy_file_range(from, &in, pipes[1], NULL, 10, 0));
    SHOW(copy_file_range(from, &in, pair[1], NULL, 10, 0));
    SHOW(copy_file_range(9999, NULL, to, NULL, 10, 0));
    SHOW(copy_file_range(from, NULL, -1, NULL, 10, 0));
    return unused;
}

int main(void)
{
    pthread_t threads[3];
    long right = 0;
    for (long i = 0; i < 3; i++)
        threads[i] = start(copies, box(i));
    for (int i = 0; i < 3; i++)
        right += unbox(join(threads[i]));
    printf("right: %ld\n", right);
    join(start(asks, NULL));
    return 0;
}
