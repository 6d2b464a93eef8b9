// select, which tells how much time is left, and pselect, which doesn't, after each EINTR: never early, and the sets are right.
#include "../fixture.h"
#include "eintr.h"
#include <signal.h>
#include <sys/select.h>

static _Atomic long mistakes;

static int select_on(int fd, fd_set *set, long ms)
{
    for (struct timeval left = {0, ms * 1000};;) {
        FD_ZERO(set);
        FD_SET(fd, set);
        int ready = select(fd + 1, set, NULL, NULL, &left);
        if (ready != -1 || errno != EINTR)
            return ready;
    }
}

static int pselect_on(int fd, fd_set *set, long ms)
{
    for (double end = now_ms() + ms;;) {
        double left = end - now_ms();
        struct timespec timeout = {0, left > 0 ? (long)(left * 1e6) + 1000 : 0};
        FD_ZERO(set);
        FD_SET(fd, set);
        int ready = pselect(fd + 1, set, NULL, NULL, &timeout, NULL);
        if (ready != -1 || errno != EINTR)
            return ready;
    }
}

static void *waits(void *arg)
{
    int ends[2];
    fd_set set;
    (void)arg;
    must(pipe(ends));
    double begun = now_ms();
    mistakes += select_on(ends[0], &set, 50) != 0 || FD_ISSET(ends[0], &set);
    // What the kernel says is left is rounded down to microseconds, each time.
    mistakes += now_ms() - begun < 49;
    begun = now_ms();
    mistakes += pselect_on(ends[0], &set, 50) != 0 || FD_ISSET(ends[0], &set) || now_ms() - begun < 50;
    write_on(ends[1], "x", 1);
    mistakes += select_on(ends[0], &set, 50) != 1 || !FD_ISSET(ends[0], &set);
    mistakes += pselect_on(ends[0], &set, 50) != 1 || !FD_ISSET(ends[0], &set);
    close(ends[0]);
    close(ends[1]);
    return NULL;
}

int main(void)
{
    everywhere(waits);
    printf("mistakes: %ld\n", mistakes);
    return 0;
}
