// pread and its kin on what has no places: ESPIPE. With preadv2 and pwritev2 the place -1 means none, and they wait as read and write
// do, unless RWF_NOWAIT.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/eventfd.h>

static int pipes[2], pair[2], turn[2];

static void *asks(void *unused)
{
    char b[8] = "";
    struct iovec part = {b, 8};
    int count = must(eventfd(3, 0));
    must(write(pipes[1], "12345678", 8));
    must(write(pair[1], "12345678", 8));
    SHOW(pread(pipes[0], b, 8, 0));
    SHOW(pwrite(pipes[1], b, 8, 0));
    SHOW(preadv(pipes[0], &part, 1, 0));
    SHOW(pwritev(pipes[1], &part, 1, 0));
    SHOW(preadv2(pipes[0], &part, 1, 0, 0));
    SHOW(pwritev2(pipes[1], &part, 1, 8, 0));
    SHOW(pread(pair[0], b, 8, 0));
    SHOW(pwrite(pair[0], b, 8, 0));
    SHOW(preadv(pair[0], &part, 1, 0));
    SHOW(pwritev(pair[0], &part, 1, 0));
    SHOW(pread(count, b, 8, 0));
    SHOW(preadv(count, &part, 1, 0));
    SHOW(pread(pipes[0], b, 8, -1));
    SHOW(preadv(pair[0], &part, 1, -1));
    SHOW(lseek(pipes[0], 0, SEEK_SET));

    SHOW(preadv2(pipes[0], &part, 1, -1, 0));
    SHOW(preadv2(pair[0], &part, 1, -1, 0));
    SHOW(preadv2(count, &part, 1, -1, 0));
    SHOW(preadv2(pipes[0], &part, 1, -1, RWF_NOWAIT));
    SHOW(preadv2(pair[0], &part, 1, -1, RWF_NOWAIT));
    SHOW(preadv2(count, &part, 1, -1, RWF_NOWAIT));
    SHOW(preadv2(pipes[0], &part, 1, -1, 0x4000));
    SHOW(pwritev2(pipes[1], &part, 1, -1, RWF_NOWAIT));
    SHOW(pwritev2(pair[0], &part, 1, -1, RWF_NOWAIT));
    SHOW(preadv2(pipes[0], &part, 1, -1, RWF_NOWAIT));
    fill_up(pipes[1]);
    fill_up(pair[1]);
    SHOW(pwritev2(pipes[1], &part, 1, -1, RWF_NOWAIT));
    SHOW(pwritev2(pair[1], &part, 1, -1, RWF_NOWAIT));
    drain(pipes[0]);
    drain(pair[0]);
    return unused;
}

static void *waits(void *unused)
{
    static char much[200000];
    char b[8] = "";
    struct iovec parts[2] = {{b, 2}, {b + 2, 6}}, large[2] = {{much, 100}, {much + 100, sizeof much - 100}};
    must(write(turn[1], "x", 1));
    printf("preadv2 of a pipe waits: %s", answer(preadv2(pipes[0], parts, 2, -1, 0)));
    printf(" %s\n", b);
    must(write(turn[1], "x", 1));
    printf("preadv2 of a socket waits: %s", answer(preadv2(pair[0], parts, 2, -1, 0)));
    printf(" %s\n", b);
    printf("pwritev2 into a pipe waits: %s\n", answer(pwritev2(pipes[1], large, 2, -1, 0)));
    printf("pwritev2 into a socket waits: %s\n", answer(pwritev2(pair[0], large, 2, -1, 0)));
    close(pipes[1]);
    shutdown(pair[0], SHUT_WR);
    return unused;
}

int main(void)
{
    static char much[200000];
    char byte;
    must(pipe(pipes));
    must(pipe(turn));
    stream_pair(pair);
    join(start(asks, NULL));
    pthread_t thread = start(waits, NULL);
    must(read(turn[0], &byte, 1));
    let_it_block();
    must(write(pipes[1], "pipe", 4));
    must(read(turn[0], &byte, 1));
    let_it_block();
    must(write(pair[1], "sock", 4));
    size_t one = read_all(pipes[0], much, sizeof much), two = read_all(pair[1], much, sizeof much);
    join(thread);
    printf("read %zu and %zu\n", one, two);
    printf("the ends: %s", answer(preadv2(pipes[0], &(struct iovec){much, 8}, 1, -1, 0)));
    printf(" %s\n", answer(preadv2(pair[1], &(struct iovec){much, 8}, 1, -1, 0)));
    return 0;
}
