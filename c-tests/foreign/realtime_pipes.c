// Real-time threads, which stay native, and ordinary ones hand bytes round in a ring of pipes and talk over socket pairs.
#include "native.h"
#include <poll.h>

enum { RING = 6, LAPS = 50, TALKERS = 4, WORDS = 40 };
static int ring[RING][2], line[TALKERS][2];

static void *pass_on(void *arg)
{
    long number = unbox(arg), sum = 0;
    unsigned char byte;
    for (int lap = 0; lap < LAPS; lap++) {
        must(read(ring[number][0], &byte, 1));
        sum += byte;
        byte += number == 0;
        must(write(ring[(number + 1) % RING][1], &byte, 1));
    }
    return box(sum);
}

static void *asker(void *arg)
{
    int fd = line[unbox(arg)][0];
    long sum = 0, reply;
    for (long word = 1; word <= WORDS; word++) {
        write_all(fd, &word, sizeof word);
        read_all(fd, &reply, sizeof reply);
        sum += reply;
    }
    must(shutdown(fd, SHUT_WR));
    return box(sum);
}

static void *replier(void *arg)
{
    int fd = line[unbox(arg)][1];
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    long word, words = 0;
    while (must(poll(&entry, 1, -1)) == 1 && read_all(fd, &word, sizeof word) == sizeof word) {
        word *= 10;
        write_all(fd, &word, sizeof word);
        words++;
    }
    return box(words);
}

int main(void)
{
    pthread_t passers[RING], askers[TALKERS], repliers[TALKERS];
    for (int i = 0; i < RING; i++)
        must(pipe(ring[i]));
    for (int i = 0; i < TALKERS; i++)
        stream_pair(line[i]);
    for (long i = 0; i < RING; i++)
        passers[i] = start_either(i, pass_on, box(i));
    for (long i = 0; i < TALKERS; i++) {
        askers[i] = start_either(i, asker, box(i));
        repliers[i] = start_either(i + (i < 2), replier, box(i)); // two pairs of both kinds, one pair of each
    }
    must(write(ring[0][1], "", 1));
    for (int i = 0; i < RING; i++)
        printf("ring %d: a sum of %ld\n", i, unbox(join(passers[i])));
    for (int i = 0; i < TALKERS; i++) {
        long sum = unbox(join(askers[i]));
        printf("talk %d: a sum of %ld in %ld words\n", i, sum, unbox(join(repliers[i])));
    }
    return 0;
}
