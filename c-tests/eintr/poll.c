// poll and ppoll with what is left of the time after each EINTR: never early, and the event is seen.
#include "../fixture.h"
#include "eintr.h"
#include <signal.h>

// poll, until something is there or so many milliseconds have passed.
static int poll_on(struct pollfd *wishes, nfds_t count, long ms)
{
    for (double end = now_ms() + ms;;) {
        double left = end - now_ms();
        int timeout = left > 0 ? (int)left + 1 : 0;
        int ready = poll(wishes, count, timeout);
        if (ready != -1 || errno != EINTR)
            return ready;
    }
}

static int ppoll_on(struct pollfd *wishes, nfds_t count, long ms)
{
    for (double end = now_ms() + ms;;) {
        double left = end - now_ms();
        struct timespec timeout = {0, left > 0 ? (long)(left * 1e6) + 1000 : 0};
        int ready = ppoll(wishes, count, &timeout, NULL);
        if (ready != -1 || errno != EINTR)
            return ready;
    }
}

static _Atomic long mistakes;

static void *waits(void *arg)
{
    int ends[2];
    (void)arg;
    must(pipe(ends));
    struct pollfd wish = {.fd = ends[0], .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        double begun = now_ms();
        int ready = i ? ppoll_on(&wish, 1, 50) : poll_on(&wish, 1, 50);
        mistakes += ready != 0 || now_ms() - begun < 50;
    }
    write_on(ends[1], "x", 1);
    mistakes += poll_on(&wish, 1, 50) != 1 || wish.revents != POLLIN;
    mistakes += ppoll_on(&wish, 1, 50) != 1 || wish.revents != POLLIN;
    close(ends[0]);
    close(ends[1]);
    return NULL;
}

static int stream[2];

static void *writer(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) {
        pause_ms(4);
        write_on(stream[1], "x", 1);
    }
    return NULL;
}

int main(void)
{
    everywhere(waits);
    printf("mistakes: %ld\n", mistakes);
    must(pipe(stream));
    pthread_t thread = start_bitten(writer, NULL);
    int seen = 0;
    for (struct pollfd wish = {.fd = stream[0], .events = POLLIN}; seen < 10; seen++) {
        char letter;
        go_on(poll(&wish, 1, -1));
        go_on(read(stream[0], &letter, 1));
    }
    join(thread);
    printf("seen: %d\n", seen);
    return 0;
}
