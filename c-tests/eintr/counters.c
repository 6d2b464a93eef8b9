// eventfd and timerfd: what they counted is told once, however often the read was interrupted.
#include "../fixture.h"
#include "eintr.h"
#include <sys/eventfd.h>
#include <sys/timerfd.h>

static void *adds(void *arg)
{
    uint64_t one = 1;
    for (int i = 0; i < 20; i++) {
        if (i % 4 == 0)
            pause_ms(3);
        go_on(write(unbox(arg), &one, sizeof one));
    }
    return NULL;
}

static void *counts(void *arg)
{
    int events = must(eventfd(0, EFD_SEMAPHORE)), timer = must(timerfd_create(CLOCK_MONOTONIC, 0));
    struct itimerspec every = {{0, 5 * 1000000}, {0, 5 * 1000000}};
    uint64_t seen = 0, ticks = 0, value;
    double begun = now_ms();
    pthread_t thread = start(adds, box(events));
    for (int i = 0; i < 20; i++) {
        go_on(read(events, &value, sizeof value));
        seen += value;
    }
    join(thread);
    begun = now_ms();
    must(timerfd_settime(timer, 0, &every, NULL));
    while (ticks < 8) {
        go_on(read(timer, &value, sizeof value));
        ticks += value;
    }
    printf("%ld: seen %d, 40 ms for 8 ticks: %s\n", unbox(arg), (int)seen, yes(now_ms() - begun >= 40));
    close(events);
    close(timer);
    return NULL;
}

int main(void)
{
    counts(box(1));
    join(start_bitten(counts, box(2)));
    return 0;
}
