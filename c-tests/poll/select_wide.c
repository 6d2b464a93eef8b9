// select and pselect with many fds, up to number 1023, in all three sets: what was asked and isn't ready is taken out, what wasn't asked
// stays out, the bits beyond the count stay as they are; the same fd in two sets counts twice; sets may be larger than fd_set.
#include "../fixture.h"
#include <fcntl.h>
#include <sys/select.h>

enum { MOST = 120 };

static int count, ends[MOST][2], turn[2];

static int which(int round)
{
    return round * 37 % count;
}

static void *feeds(void *unused)
{
    char byte;
    for (int round = 0; round < count; round++) {
        read_all(turn[0], &byte, 1);
        must(write(ends[which(round)][1], "x", 1));
    }
    return unused;
}

static void *selects(void *unused)
{
    long right = 0;
    for (int round = 0; round < count; round++) {
        fd_set in;
        int last = 0;
        FD_ZERO(&in);
        for (int i = 0; i < count; i++) {
            FD_SET(ends[i][0], &in);
            last = ends[i][0] > last ? ends[i][0] : last;
        }
        must(write(turn[1], "t", 1));
        int n = round % 2 ? select(last + 1, &in, NULL, NULL, NULL) : pselect(last + 1, &in, NULL, NULL, &(struct timespec){20, 0}, NULL), found = 0;
        for (int fd = 0; fd < FD_SETSIZE; fd++)
            if (FD_ISSET(fd, &in))
                found = found ? -1 : fd;
        right += n == 1 && found == ends[which(round)][0];
        must(read(ends[which(round)][0], &(char){0}, 1));
    }
    (void)unused;
    return box(right);
}

static void *late_writer(void *fd)
{
    let_it_block();
    must(write(unbox(fd), "x", 1));
    return NULL;
}

static void *corners(void *argument)
{
    int top = unbox(argument), pair[2];
    fd_set in, out, except;
    stream_pair(pair);
    must(dup2(pair[0], top));
    must(write(pair[1], "x", 1));
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&except);
    FD_SET(top, &in);
    FD_SET(top, &out);
    FD_SET(top, &except);
    FD_SET(pair[1], &in);
    printf("in two sets: %s", answer(select(top + 1, &in, &out, &except, NULL)));
    printf(", %d %d %d %d\n", !!FD_ISSET(top, &in), !!FD_ISSET(top, &out), !!FD_ISSET(top, &except), !!FD_ISSET(pair[1], &in));
    // Beyond the count, in the same word: not looked at. The words beyond are the program's.
    FD_ZERO(&in);
    FD_SET(pair[0], &in);
    FD_SET(FD_SETSIZE - 1, &in);
    printf("beyond the count: %s", answer(select(pair[0] + 1, &in, NULL, NULL, NULL)));
    printf(", %d %d\n", !!FD_ISSET(pair[0], &in), !!FD_ISSET(FD_SETSIZE - 1, &in));
    // Sets of the program's own size.
    unsigned long *wide = calloc(64, sizeof *wide);
    must(read(top, &(char){0}, 1));
    wide[top / 64] |= 1UL << top % 64;
    pthread_t writer = start(late_writer, box(pair[1]));
    printf("wide: %s", answer(select(top + 1, (fd_set *)wide, NULL, NULL, NULL)));
    printf(", %s\n", yes(wide[top / 64] == 1UL << top % 64));
    join(writer);
    free(wide);
    // Urgent data, while it waits.
    int tcp[2];
    tcp_pair(tcp);
    FD_ZERO(&in);
    FD_ZERO(&except);
    FD_SET(tcp[0], &in);
    FD_SET(tcp[0], &except);
    must(send(tcp[1], "!", 1, MSG_OOB));
    fd_set only = except;
    printf("urgent: %s\n", answer(select(tcp[0] + 1, NULL, NULL, &only, NULL)));
    printf("urgent, not to read: %s", answer(select(tcp[0] + 1, &in, NULL, &except, NULL)));
    printf(", %d %d\n", !!FD_ISSET(tcp[0], &in), !!FD_ISSET(tcp[0], &except));
    // A timeout leaves empty sets; an error leaves them.
    must(read(top, &(char){0}, 1));
    FD_ZERO(&in);
    FD_SET(top, &in);
    printf("time out: %s", answer(select(top + 1, &in, NULL, NULL, &(struct timeval){0, 2000})));
    printf(", %d\n", !!FD_ISSET(top, &in));
    FD_SET(top, &in);
    close(top);
    printf("closed: %s", answer(select(top + 1, &in, NULL, NULL, NULL)));
    printf(", %d\n", !!FD_ISSET(top, &in));
    close(pair[0]), close(pair[1]), close(tcp[0]), close(tcp[1]);
    return NULL;
}

int main(void)
{
    struct rlimit limit;
    raise_file_limit();
    must(getrlimit(RLIMIT_NOFILE, &limit));
    int top = limit.rlim_cur > 1023 ? 1023 : limit.rlim_cur - 1;
    must(pipe(turn));
    // Spread over the numbers.
    count = top < 1000 ? 40 : MOST;
    for (int i = 0; i < count; i++) {
        must(pipe(ends[i]));
        int place = must(fcntl(ends[i][0], F_DUPFD, i % 3 ? 3 : top / 2 + i % (top / 4)));
        close(ends[i][0]);
        ends[i][0] = place;
    }
    pthread_t thread = start(selects, NULL), feeder = start(feeds, NULL);
    long right = unbox(join(thread));
    join(feeder);
    printf("all right: %s\n", yes(right == count));
    join(start(corners, box(top)));
    corners(box(top));
    return 0;
}
