// A thread that has SIGPIPE blocked, with its default action, gets EPIPE and can take the signal away: what libraries do.
#include "signals.h"

static void *writes(void *unused)
{
    sigset_t set = only(SIGPIPE);
    struct timespec none = {0, 0};
    int ends[2], pair[2];
    must(pipe(ends));
    stream_pair(pair);
    close(ends[0]);
    close(pair[0]);
    block(SIGPIPE);
    printf("write: %s", answer(write(ends[1], "x", 1)));
    usleep(1000);
    printf(", taken: %s", answer(sigtimedwait(&set, NULL, &none)));
    printf(", send: %s", answer(send(pair[1], "x", 1, 0)));
    usleep(1000);
    printf(", taken: %s", answer(sigtimedwait(&set, NULL, &none)));
    printf(", again: %s\n", answer(sigtimedwait(&set, NULL, &none)));
    unblock(SIGPIPE);
    close(ends[1]);
    close(pair[1]);
    return unused;
}

int main(void)
{
    for (int i = 0; i < 5; i++)
        join(start(writes, NULL));
    return 0;
}
