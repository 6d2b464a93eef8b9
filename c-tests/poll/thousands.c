// poll and epoll_wait on 2,000 pipes and sockets, of which one becomes ready at a time: it's the one that is told of. By four threads
// at once, each in its own order and with the others' files in its array, too. With as many as the limit allows.
#include "../fixture.h"
#include <poll.h>
#include <sys/epoll.h>

enum { MOST = 2000, THREADS = 4, ROUNDS = 60 };

static int count, ends[MOST][2], turn[THREADS][2];

// Which one becomes ready in which round.
static int which(int thread, int round)
{
    return (round * 37 + 5) % (count / THREADS) * THREADS + thread;
}

// Makes one ready at a time, for one thread.
static void *feeds(void *number)
{
    int me = unbox(number);
    for (int round = 0; round < ROUNDS; round++) {
        char byte;
        read_all(turn[me][0], &byte, 1);
        byte = round;
        must(write(ends[which(me, round)][1], &byte, 1));
    }
    return NULL;
}

static int take(int me, int found, int round)
{
    char byte = ~round;
    must(read(ends[found][0], &byte, 1));
    if (round + 1 < ROUNDS)
        must(write(turn[me][1], "t", 1));
    return found == which(me, round) && byte == (char)round;
}

// Asks for all; what isn't this thread's own, it has no wish for.
static void *polls(void *number)
{
    int me = unbox(number);
    long right = 0;
    struct pollfd *set = calloc(count, sizeof *set);
    for (int i = 0; i < count; i++)
        set[i] = (struct pollfd){ends[i][0], i % THREADS == me ? POLLIN : 0, 0x77};
    for (int round = 0; round < ROUNDS; round++) {
        int n = must(poll(set, count, -1)), found = 0, last = 0;
        for (int i = 0; i < count; i++)
            if (set[i].revents)
                found++, last = i;
        right += n == 1 && found == 1 && set[last].revents == POLLIN && take(me, last, round);
    }
    free(set);
    return box(right);
}

static void *waits(void *number)
{
    int me = unbox(number), set = must(epoll_create1(0));
    long right = 0;
    for (int i = 0; i < count; i++) {
        struct epoll_event wish = {.events = i % THREADS == me ? EPOLLIN : 0, .data.u32 = i};
        must(epoll_ctl(set, EPOLL_CTL_ADD, ends[i][0], &wish));
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct epoll_event events[16];
        int n = must(epoll_wait(set, events, 16, -1));
        right += n == 1 && take(me, events[0].data.u32, round);
    }
    close(set);
    return box(right);
}

int main(void)
{
    struct rlimit limit;
    raise_file_limit();
    must(getrlimit(RLIMIT_NOFILE, &limit));
    count = limit.rlim_cur >= 2 * MOST + 100 ? MOST : (limit.rlim_cur - 100) / 2 / THREADS * THREADS;
    for (int i = 0; i < count; i++)
        if (i % 8 < 4)
            must(pipe(ends[i]));
        else
            stream_pair(ends[i]);
    for (int epoll = 0; epoll < 2; epoll++) {
        pthread_t threads[THREADS], feeders[THREADS];
        for (int i = 0; i < THREADS; i++) {
            must(pipe(turn[i]));
            must(write(turn[i][1], "t", 1));
            threads[i] = start(epoll ? waits : polls, box(i));
            feeders[i] = start(feeds, box(i));
        }
        for (int i = 0; i < THREADS; i++) {
            join(feeders[i]);
            printf("%s: right %ld\n", epoll ? "epoll" : "poll", unbox(join(threads[i])));
        }
    }
    return 0;
}
