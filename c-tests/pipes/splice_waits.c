// A splice waits for its input and for room in its output, unless SPLICE_F_NONBLOCK or O_NONBLOCK; it ends with 0 or EPIPE.
#include "../fixture.h"
#include "../sockets/calls.h"

static int from[2], other[2], to[2], pair[2], turn[2];
static long full;

static void *waits(void *unused)
{
    must(write(turn[1], "x", 1));
    printf("pipe to pipe, it waits: %s\n", answer(splice(from[0], NULL, to[1], NULL, 10, 0)));
    must(write(turn[1], "x", 1));
    printf("socket to pipe, it waits: %s\n", answer(splice(pair[0], NULL, to[1], NULL, 10, 0)));
    read_all(to[0], (char[8]){0}, 8);
    must(fcntl(to[1], F_SETPIPE_SZ, 4096));
    full = fill_up(to[1]);
    must(write(from[1], "last", 4));
    must(write(turn[1], "x", 1));
    printf("pipe to a full pipe, it waits: %s\n", answer(splice(from[0], NULL, to[1], NULL, 10, 0)));
    must(write(from[1], "gone", 4));
    return unused;
}

static void *breaks(void *unused)
{
    signal(SIGPIPE, SIG_IGN);
    printf("until the reader is gone: %s\n", answer(splice(from[0], NULL, to[1], NULL, 10, 0)));
    printf("no reader: %s\n", answer(splice(from[0], NULL, to[1], NULL, 10, 0)));
    return unused;
}

static void *ends(void *unused)
{
    must(write(turn[1], "x", 1));
    printf("the writer ends: %s\n", answer(splice(from[0], NULL, pair[1], NULL, 10, 0)));
    must(write(turn[1], "x", 1));
    printf("the peer ends: %s\n", answer(splice(pair[0], NULL, other[1], NULL, 10, 0)));
    return unused;
}

int main(void)
{
    static char much[1 << 20];
    char byte;
    must(pipe(from));
    must(pipe(to));
    must(pipe(turn));
    stream_pair(pair);
    pthread_t thread = start(waits, NULL);
    must(read(turn[0], &byte, 1));
    let_it_block();
    must(write(from[1], "four", 4));
    must(read(turn[0], &byte, 1));
    let_it_block();
    must(write(pair[1], "sock", 4));
    must(read(turn[0], &byte, 1));
    let_it_block();
    read_all(to[0], much, full);
    join(thread);

    fill_up(to[1]);
    thread = start(breaks, NULL);
    let_it_block();
    close(to[0]);
    join(thread);

    must(pipe(from));
    must(pipe(other));
    thread = start(ends, NULL);
    must(read(turn[0], &byte, 1));
    let_it_block();
    close(from[1]);
    must(read(turn[0], &byte, 1));
    let_it_block();
    shutdown(pair[1], SHUT_WR);
    join(thread);
    return 0;
}
