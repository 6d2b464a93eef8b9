// Of sendfile: file to file, non-blocking and full targets, SO_SNDTIMEO, a peer that's gone, and what can't be sent from or to.
#include "../fixture.h"
#include "calls.h"
#include <sys/sendfile.h>

static void *asks(void *unused)
{
    static char text[200000], back[100];
    int file = must(open("file", O_RDWR | O_CREAT, 0600)), copy = must(open("copy", O_RDWR | O_CREAT, 0600));
    int only_write = must(open("file", O_WRONLY)), only_read = must(open("copy", O_RDONLY));
    int append = must(open("copy", O_WRONLY | O_APPEND)), folder = must(open(".", O_RDONLY)), bad = 9999;
    int pipes[2], pair[2], udp[2];
    off_t place = 5, negative = -1;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'a' + i % 26;
    write_all(file, text, sizeof text);
    must(pipe(pipes));
    stream_pair(pair);
    udp_pair(udp);
    signal(SIGPIPE, SIG_IGN);

    SHOW(sendfile(copy, file, &place, 20));
    printf("offset %ld, copy at %ld", (long)place, (long)lseek(copy, 0, SEEK_CUR));
    printf(", text %s", answer(pread(copy, back, sizeof back, 0)));
    printf(" %.5s\n", back);
    SHOW(sendfile(copy, file, &place, 0));
    SHOW(sendfile(pair[0], file, &place, 0));
    SHOW(sendfile(bad, file, NULL, 5));
    SHOW(sendfile(copy, bad, NULL, 5));
    SHOW(sendfile(-1, -1, NULL, 5));
    SHOW(sendfile(only_read, file, NULL, 5));
    SHOW(sendfile(pair[0], only_write, NULL, 5));
    SHOW(sendfile(append, file, &place, 5));
    SHOW(sendfile(pair[0], file, &negative, 5));
    SHOW(sendfile(pair[0], file, nowhere(), 5));
    SHOW(sendfile(pair[0], folder, NULL, 5));
    SHOW(sendfile(copy, pair[0], NULL, 5));
    SHOW(sendfile(pair[0], pipes[0], &place, 5));
    SHOW(sendfile(pipes[0], file, &place, 5));
    place = 0;
    SHOW(sendfile(udp[0], file, &place, 50));
    printf("one datagram: %s\n", answer(recv(udp[1], text, sizeof text, 0)));

    must(fcntl(pipes[1], F_SETFL, O_NONBLOCK));
    place = 0;
    long first = sendfile(pipes[1], file, &place, sizeof text);
    printf("non-blocking pipe: a part %s, offset as much %s", yes(first > 0 && first < (long)sizeof text), yes(place == first));
    printf(", then %s", answer(sendfile(pipes[1], file, &place, 10)));
    printf(", offset kept %s\n", yes(place == first));
    close(pipes[0]);
    SHOW(sendfile(pipes[1], file, &place, 5));

    int flags = must(fcntl(pair[0], F_GETFL));
    must(fcntl(pair[0], F_SETFL, flags | O_NONBLOCK));
    fill_up(pair[0]);
    SHOW(sendfile(pair[0], file, &place, 5));
    must(fcntl(pair[0], F_SETFL, flags));
    struct timeval limit = {0, 50000};
    must(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    double begin = now_ms();
    printf("full, SO_SNDTIMEO: %s", answer(sendfile(pair[0], file, &place, 5)));
    printf(", took 50 ms: %s\n", yes(now_ms() - begin >= 49));
    close(pair[1]);
    printf("peer gone: %s\n", answer(sendfile(pair[0], file, &place, 5)));
    int fresh = must(socket(AF_INET, SOCK_STREAM, 0));
    printf("not connected: %s\n", answer(sendfile(fresh, file, &place, 5)));
    return unused;
}

int main(void)
{
    join(start(asks, NULL));
    return 0;
}
