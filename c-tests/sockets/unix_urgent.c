// Out-of-band data on Unix streams: one byte that's read apart or in line, and that a plain read stops at.
#include "../fixture.h"
#include "calls.h"

static int ends[2], turn[2];

static void *reads(void *unused)
{
    char b[16] = "";
    SHOW(recv(ends[0], b, 1, MSG_OOB));
    must(write(turn[1], "x", 1));
    struct pollfd entry = {.fd = ends[0], .events = POLLPRI};
    printf("poll: %s", answer(poll(&entry, 1, 30000)));
    printf(", urgent %s\n", yes(entry.revents & POLLPRI));
    printf("the urgent one: %s", answer(recv(ends[0], b, sizeof b, MSG_OOB)));
    printf(" %c, again: %s\n", *b, answer(recv(ends[0], b, sizeof b, MSG_OOB)));
    printf("before it: %s", answer(recv(ends[0], b, sizeof b, 0)));
    printf(" %.3s\n", b);
    must(write(turn[1], "x", 1));
    printf("it waits for more: %s", answer(recv(ends[0], b, 3, MSG_WAITALL)));
    printf(" %.3s\n", b);
    return unused;
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

int main(void)
{
    must(pipe(turn));
    stream_pair(ends);
    pthread_t thread = start(reads, NULL);
    next();
    must(send(ends[1], "abcU", 4, MSG_OOB));
    next();
    must(send(ends[1], "de", 2, 0));
    must(send(ends[1], "f", 1, 0));
    join(thread);
    return 0;
}
