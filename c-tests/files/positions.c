// pread, pwrite and their vector forms from several threads on one file: each its own place, and the file's own place never moves.
#include "../fixture.h"
#include "../sockets/calls.h"

enum { THREADS = 4, BLOCK = 5000, ROUNDS = 20 };
static int file;
// Hidden from the compiler, which would object.
static volatile int negative = -1, too_many = 2000;

static void *works(void *arg)
{
    long me = unbox(arg), right = 0;
    char mine[BLOCK], back[BLOCK], tail[10];
    for (int i = 0; i < ROUNDS; i++) {
        off_t place = ((off_t)i * THREADS + me) * BLOCK;
        struct iovec out[2] = {{mine, 100}, {mine + 100, BLOCK - 100}}, in[2] = {{back, 4000}, {back + 4000, BLOCK - 4000}};
        memset(mine, 'a' + (me * 7 + i) % 26, sizeof mine);
        long wrote = i % 4 == 0   ? pwrite(file, mine, BLOCK, place)
                     : i % 4 == 1 ? pwritev(file, out, 2, place)
                     : i % 4 == 2 ? pwritev2(file, out, 2, place, RWF_DSYNC)
                                  : pwrite64(file, mine, BLOCK, place);
        long got = i % 3 == 0 ? pread(file, back, BLOCK, place) : i % 3 == 1 ? preadv(file, in, 2, place) : preadv2(file, in, 2, place, 0);
        right += wrote == BLOCK && got == BLOCK && !memcmp(mine, back, BLOCK);
    }
    must(pread(file, tail, sizeof tail, 0));
    return box(right);
}

static void *asks(void *unused)
{
    char b[16] = "";
    struct iovec part = {b, 4}, parts[2] = {{b, 2}, {b + 8, 2}};
    int append = must(open("file", O_RDWR | O_APPEND)), readable = must(open("file", O_RDONLY)), writable = must(open("file", O_WRONLY));
    SHOW(pread(file, b, 4, (off_t)THREADS * ROUNDS * BLOCK - 1));
    SHOW(pread(file, b, 4, (off_t)THREADS * ROUNDS * BLOCK + 100));
    SHOW(pread(file, b, 4, -1));
    SHOW(pwrite(file, b, 4, -1));
    SHOW(preadv(file, &part, 1, -1));
    SHOW(pwritev(file, &part, 1, -5));
    SHOW(preadv2(file, &part, 1, -2, 0));
    SHOW(pread(writable, b, 4, 0));
    SHOW(pwrite(readable, b, 4, 0));
    SHOW(preadv(writable, &part, 1, 0));
    SHOW(pwritev(readable, &part, 1, 0));
    SHOW(pread(9999, b, 4, 0));
    SHOW(pwritev2(9999, &part, 1, 0, 0));
    SHOW(preadv(file, &part, negative, 0));
    SHOW(pwritev(file, &part, too_many, 0));
    SHOW(preadv2(file, &part, 1, 0, 0x4000));
    SHOW(pread(file, nowhere(), 4, 0));
    SHOW(pwrite(file, nowhere(), 4, 0));
    printf("the place: %ld\n", (long)lseek(file, 0, SEEK_CUR));
    // -1 means the file's own place.
    SHOW(preadv2(file, parts, 2, -1, 0));
    SHOW(pwritev2(file, parts, 2, -1, 0));
    printf("the place: %ld\n", (long)lseek(file, 0, SEEK_CUR));
    must(ftruncate(file, 10));
    SHOW(pwrite(append, "end", 3, 0));
    SHOW(pwritev2(file, &part, 1, 0, RWF_APPEND));
    printf("size %ld\n", (long)lseek(file, 0, SEEK_END));
    must(pread(file, b, 16, 0));
    SHOW(preadv2(file, &part, 1, 0, RWF_NOWAIT));
    SHOW(preadv2(file, &part, 1, 5, RWF_HIPRI));
    SHOW(pwritev2(file, &part, 1, 5, RWF_SYNC));
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    long right = 0;
    file = must(open("file", O_RDWR | O_CREAT, 0600));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(works, box(i));
    for (int i = 0; i < THREADS; i++)
        right += unbox(join(threads[i]));
    printf("right: %ld of %d\n", right, THREADS * ROUNDS);
    join(start(asks, NULL));
    return 0;
}
