// Three threads block in system calls by syscall(2), read, poll and nanosleep, again and again, while ten pairs play ping-pong.
// A thread of a pair ends the read and the poll.
// pest: none
// A raw call is made where the thread runs, main's kernel thread too, which gets the signals: natively only main does.
#include "hog.h"
#include <poll.h>
#include <sys/syscall.h>

enum { PAIRS = 10, ROUNDS = 100 };
static int for_read[2], for_poll[2], table[PAIRS][2];

static void *raw_reader(void *unused)
{
    char byte;
    long count = 0;
    (void)unused;
    while (must(syscall(SYS_read, for_read[0], &byte, 1)) == 1)
        count++;
    return box(count);
}

static void *raw_poller(void *unused)
{
    struct pollfd entry = {.fd = for_poll[0], .events = POLLIN};
    char byte;
    long count = 0;
    (void)unused;
    while (must(syscall(SYS_poll, &entry, 1, 10000)) == 1 && must(read(for_poll[0], &byte, 1)) == 1)
        count++;
    return box(count);
}

static void *raw_sleeper(void *unused)
{
    struct timespec pause = {0, 12000000};
    double begin = now_ms();
    (void)unused;
    for (int i = 0; i < 5; i++)
        must(syscall(SYS_nanosleep, &pause, NULL));
    return box(now_ms() - begin >= 5 * 12);
}

static void *ping(void *arg)
{
    long number = unbox(arg), right = 0;
    for (int i = 0; i < ROUNDS; i += 25) {
        right += talk(table[number][0], 25);
        usleep(5000);
        if (number == 0) {
            must(write(for_read[1], "x", 1));
            must(write(for_poll[1], "x", 1));
        }
    }
    must(shutdown(table[number][0], SHUT_WR));
    return box(right);
}

int main(void)
{
    pthread_t pings[PAIRS], pongs[PAIRS];
    long right = 0, echoed = 0;

    must(pipe(for_read));
    must(pipe(for_poll));
    pthread_t reader = start(raw_reader, NULL), poller = start(raw_poller, NULL), sleeper = start(raw_sleeper, NULL);
    for (long i = 0; i < PAIRS; i++) {
        stream_pair(table[i]);
        pings[i] = start(ping, box(i));
        pongs[i] = start(echo, box(table[i][1]));
    }
    for (int i = 0; i < PAIRS; i++) {
        right += unbox(join(pings[i]));
        echoed += unbox(join(pongs[i]));
    }
    printf("ping-pong: %ld right, %ld echoed\n", right, echoed);
    close(for_read[1]);
    close(for_poll[1]);
    printf("read: %ld\n", unbox(join(reader)));
    printf("poll: %ld\n", unbox(join(poller)));
    printf("slept long enough: %s\n", yes(unbox(join(sleeper))));
    return 0;
}
