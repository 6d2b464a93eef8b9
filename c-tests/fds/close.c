// close and its errors: twice, -1, a number that was never used; close by another thread than the one that opened; a closed number is
// the next to be used; the peer hears of the last close only.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>

static volatile int minus = -1;

static void *closes(void *fd)
{
    return box(close(unbox(fd)) == 0 ? 0 : errno);
}

static void *uses(void *unused)
{
    (void)unused;
    int ends[2], pair[2];
    char byte;
    must(pipe(ends));
    stream_pair(pair);
    printf("close: %s\n", answer(close(ends[0])));
    printf("twice: %s\n", answer(close(ends[0])));
    printf("-1: %s\n", answer(close(minus)));
    printf("never used: %s\n", answer(close(199)));
    // Whatever is done to a closed number is told so.
    printf("read: %s, ", answer(read(ends[0], &byte, 1)));
    printf("write: %s, ", answer(write(ends[0], "x", 1)));
    printf("send: %s, ", answer(send(ends[0], "x", 1, 0)));
    printf("recv: %s, ", answer(recv(ends[0], &byte, 1, 0)));
    printf("accept: %s, ", answer(accept(ends[0], NULL, NULL)));
    printf("shutdown: %s, ", answer(shutdown(ends[0], SHUT_RD)));
    printf("fcntl: %s, ", answer(fcntl(ends[0], F_GETFL)));
    printf("lseek: %s\n", answer(lseek(ends[0], 0, SEEK_CUR)));
    int again = must(open("/dev/null", O_RDONLY));
    printf("its number is the next: %s\n", yes(again == ends[0]));
    close(again);
    printf("by another thread: %s\n", error_name(unbox(join(start(closes, box(ends[1]))))));
    printf("here: %s\n", answer(close(ends[1])));

    // The peer hears of it when the last number is closed, and no earlier.
    int twin = must(dup(pair[0]));
    must(write(pair[0], "left", 4));
    join(start(closes, box(pair[0])));
    struct pollfd p = {pair[1], POLLRDHUP, 0};
    printf("one closed: %s, ", answer(poll(&p, 1, 0)));
    join(start(closes, box(twin)));
    printf("both: %s", answer(poll(&p, 1, 1000)));
    char text[8] = "";
    printf(", what was left: %s", answer(read(pair[1], text, sizeof text)));
    printf(" %s, then %s", text, answer(read(pair[1], text, sizeof text)));
    printf(", write: %s\n", answer(send(pair[1], "x", 1, MSG_NOSIGNAL)));
    close(pair[1]);

    // Closed by the system call itself, which no library sees.
    stream_pair(pair);
    must(write(pair[1], "x", 1));
    must(read(pair[0], &byte, 1));
    must(syscall(SYS_close, pair[0]));
    printf("by syscall: %s\n", answer(read(pair[0], &byte, 1)));
    printf("the peer: %s\n", answer(read(pair[1], &byte, 1)));
    close(pair[1]);
    return NULL;
}

int main(void)
{
    join(start(uses, NULL));
    uses(NULL);
    return 0;
}
