// Half a megabyte through a socket pair in uneven pieces, each of send and recv, both of which wait: nothing is lost or doubled.
#include "../fixture.h"
#include "eintr.h"

enum { SIZE = 512 * 1024 };

static unsigned char pattern(size_t at)
{
    return at * 31 + (at >> 8);
}

static void *sender(void *arg)
{
    static __thread unsigned char piece[40000];
    int fd = unbox(arg);
    for (size_t done = 0; done < SIZE;) {
        size_t size = SIZE - done < sizeof piece ? SIZE - done : sizeof piece;
        for (size_t i = 0; i < size; i++)
            piece[i] = pattern(done + i);
        for (size_t sent = 0; sent < size;)
            sent += go_on(send(fd, piece + sent, size - sent, 0));
        done += size;
        if (done % 160000 == 0)
            pause_ms(2);
    }
    go_on(shutdown(fd, SHUT_WR));
    return NULL;
}

static long received(int fd, int flags)
{
    static __thread unsigned char piece[30000];
    size_t done = 0;
    long wrong = 0;
    for (;;) {
        size_t got = go_on(recv(fd, piece, sizeof piece, flags));
        if (got == 0)
            break;
        for (size_t i = 0; i < got; i++)
            wrong += piece[i] != pattern(done + i);
        done += got;
    }
    return done == SIZE ? wrong : -1;
}

static void *receiver(void *arg)
{
    return box(received(unbox(arg), MSG_WAITALL));
}

int main(void)
{
    int ends[2], tcp[2];
    stream_pair(ends);
    pthread_t writes = start_bitten(sender, box(ends[0]));
    printf("main receives: %ld wrong\n", received(ends[1], 0));
    join(writes);
    tcp_pair_on(tcp);
    pthread_t reads = start_bitten(receiver, box(tcp[1]));
    sender(box(tcp[0]));
    printf("a thread receives all of each piece: %ld wrong\n", unbox(join(reads)));
    return 0;
}
