// sendfile into a socket with SO_SNDTIMEO whose reader stops: what went in is the answer, then EAGAIN. The reader ends: EPIPE.
#include "../fixture.h"
#include "calls.h"
#include <sys/sendfile.h>

enum { SIZE = 8 << 20 };
static int ends[2], file;

static void *sends(void *tcp)
{
    struct timeval limit = {0, 60000};
    off_t place = 0;
    must(setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    double begin = now_ms();
    ssize_t n = sendfile(ends[0], file, &place, SIZE);
    printf("%s: a part %s, offset as much %s", tcp ? "tcp" : "unix", yes(n > 0 && n < SIZE), yes(place == n));
    printf(", took 60 ms: %s\n", yes(now_ms() - begin >= 59));
    return box(n);
}

static void *sends_until_the_end(void *unused)
{
    long all = 0, n;
    off_t place = 0;
    while ((n = sendfile(ends[0], file, &place, SIZE)) > 0) {
        all += n;
        place = 0;
    }
    printf("the reader ends: something was sent %s, then %s\n", yes(all > 0), answer(n));
    return unused;
}

int main(void)
{
    file = must(open("file", O_RDWR | O_CREAT, 0600));
    must(ftruncate(file, SIZE));
    signal(SIGPIPE, SIG_IGN);
    for (long tcp = 0; tcp < 2; tcp++) {
        static char buffer[SIZE];
        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        long n = unbox(join(start(sends, box(tcp))));
        printf("read what was said: %s\n", yes((long)read_all(ends[1], buffer, n) == n));
        close(ends[0]);
        close(ends[1]);
    }
    stream_pair(ends);
    pthread_t thread = start(sends_until_the_end, NULL);
    char some[1000];
    read_all(ends[1], some, sizeof some);
    close(ends[1]);
    join(thread);
    return 0;
}
