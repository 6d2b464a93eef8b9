// splice, tee and vmsplice that must not wait or can't be: non-blocking ends, no pipe, offsets where none can be, wrong directions.
#include "../fixture.h"
#include "../sockets/calls.h"

static volatile unsigned wrong_flags = 0x1000;

static void *asks(void *unused)
{
    int one[2], two[2], pair[2], udp[2], bad = 9999;
    int file = must(open("file", O_RDWR | O_CREAT, 0600)), folder = must(open(".", O_RDONLY));
    int append = must(open("file", O_WRONLY | O_APPEND));
    off_t place = 0, negative = -5;
    struct iovec part = {"vector", 6}, nothing = {NULL, 0}, bad_part = {nowhere(), 6};
    signal(SIGPIPE, SIG_IGN);
    must(pipe(one));
    must(pipe(two));
    stream_pair(pair);
    udp_pair(udp);
    write_all(file, "0123456789", 10);

    SHOW(splice(one[0], NULL, two[1], NULL, 5, SPLICE_F_NONBLOCK));
    SHOW(splice(pair[0], NULL, two[1], NULL, 5, SPLICE_F_NONBLOCK));
    SHOW(tee(one[0], two[1], 5, SPLICE_F_NONBLOCK));
    SHOW(splice(one[0], NULL, two[1], NULL, 0, 0));
    SHOW(splice(bad, NULL, two[1], NULL, 0, 0));
    SHOW(tee(one[0], two[1], 0, 0));
    SHOW(splice(one[0], NULL, bad, NULL, 5, 0));
    SHOW(splice(bad, NULL, one[1], NULL, 5, 0));
    SHOW(splice(-1, NULL, -1, NULL, 5, 0));
    SHOW(tee(bad, one[1], 5, 0));
    SHOW(tee(one[0], bad, 5, 0));
    SHOW(vmsplice(bad, &part, 1, 0));
    must(write(one[1], "123456", 6));
    SHOW(splice(pair[0], NULL, pair[1], NULL, 5, 0));
    SHOW(splice(file, NULL, pair[1], NULL, 5, 0));
    SHOW(splice(one[0], NULL, one[1], NULL, 5, 0));
    SHOW(tee(one[0], one[1], 5, 0));
    SHOW(tee(one[0], pair[0], 5, 0));
    SHOW(tee(file, one[1], 5, 0));
    SHOW(splice(one[0], &place, two[1], NULL, 5, 0));
    SHOW(splice(one[0], NULL, two[1], &place, 5, 0));
    SHOW(splice(one[0], NULL, pair[0], &place, 5, 0));
    SHOW(splice(pair[0], &place, two[1], NULL, 5, 0));
    SHOW(splice(one[1], NULL, two[1], NULL, 5, 0));
    SHOW(splice(one[0], NULL, two[0], NULL, 5, 0));
    SHOW(splice(one[0], NULL, append, NULL, 5, 0));
    SHOW(splice(folder, NULL, two[1], NULL, 5, 0));
    SHOW(splice(file, &negative, two[1], NULL, 5, 0));
    SHOW(splice(file, nowhere(), two[1], NULL, 5, 0));
    SHOW(splice(one[0], NULL, two[1], NULL, 5, wrong_flags));
    SHOW(tee(one[0], two[1], 5, wrong_flags));
    SHOW(vmsplice(one[1], &part, 1, wrong_flags));
    SHOW(vmsplice(file, &part, 1, 0));
    SHOW(vmsplice(one[1], &bad_part, 1, 0));
    SHOW(vmsplice(one[1], &nothing, 1, 0));
    SHOW(vmsplice(one[1], &part, 0, 0));
    SHOW(splice(one[0], NULL, udp[0], NULL, 5, 0));
    printf("as a datagram: %s\n", answer(recv(udp[1], (char[9]){0}, 9, 0)));

    // The pipe's own flag counts too.
    must(fcntl(two[0], F_SETFL, O_NONBLOCK));
    SHOW(splice(two[0], NULL, one[1], NULL, 5, 0));
    SHOW(tee(two[0], one[1], 5, 0));
    must(fcntl(pair[0], F_SETFL, O_NONBLOCK));
    SHOW(splice(pair[0], NULL, one[1], NULL, 5, 0));
    must(fcntl(one[1], F_SETFL, O_NONBLOCK));
    fill_up(one[1]);
    SHOW(splice(file, &place, one[1], NULL, 5, 0));
    must(fcntl(one[1], F_SETFL, 0));
    SHOW(splice(file, &place, one[1], NULL, 5, SPLICE_F_NONBLOCK));
    SHOW(vmsplice(one[1], &part, 1, SPLICE_F_NONBLOCK));
    must(write(two[1], "in", 2));
    SHOW(tee(two[0], one[1], 5, SPLICE_F_NONBLOCK));
    fill_up(pair[1]);
    must(fcntl(pair[1], F_SETFL, O_NONBLOCK));
    SHOW(splice(two[0], NULL, pair[1], NULL, 2, 0));
    must(fcntl(pair[1], F_SETFL, 0));
    struct timeval limit = {0, 50000};
    must(setsockopt(pair[1], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    must(fcntl(two[0], F_SETFL, 0));
    printf("full socket with SO_SNDTIMEO: %s\n", answer(splice(two[0], NULL, pair[1], NULL, 2, 0)));
    close(one[0]);
    must(write(two[1], "out", 3));
    SHOW(splice(two[0], NULL, one[1], NULL, 5, 0));
    SHOW(tee(two[0], one[1], 5, 0));
    SHOW(vmsplice(one[1], &part, 1, 0));
    SHOW(splice(file, &place, one[1], NULL, 5, 0));
    close(pair[0]);
    SHOW(splice(two[0], NULL, pair[1], NULL, 5, 0));
    return unused;
}

int main(void)
{
    join(start(asks, NULL));
    return 0;
}
