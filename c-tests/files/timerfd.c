// Of timerfd: absolute times, settime by another thread while one waits, disarming, what was left, and what is refused.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/timerfd.h>

static int fd, turn[2];

static struct itimerspec in(long ms, long every)
{
    return (struct itimerspec){.it_value = {ms / 1000, ms % 1000 * 1000000}, .it_interval = {every / 1000, every % 1000 * 1000000}};
}

static void *waits(void *unused)
{
    uint64_t ticks = 0;
    must(write(turn[1], "x", 1));
    const char *result = answer(read(fd, &ticks, sizeof ticks));
    printf("read: %s, ticks %d\n", result, (int)ticks);
    return unused;
}

static void *asks(void *unused)
{
    uint64_t ticks[2];
    struct itimerspec soon = in(30, 0), off = in(0, 0), far = in(100000, 2000), wrong = {.it_value = {0, 1000000000}}, old, now;
    fd = must(timerfd_create(CLOCK_MONOTONIC, 0));
    SHOW(read(fd, ticks, 7));
    SHOW(read(fd, ticks, 0));
    SHOW(write(fd, ticks, 8));
    SHOW(timerfd_settime(fd, 0, &wrong, NULL));
    SHOW(timerfd_settime(fd, 99, &soon, NULL));
    SHOW(timerfd_settime(9999, 0, &soon, NULL));
    SHOW(timerfd_settime(0, 0, &soon, NULL));
    SHOW(timerfd_create(77, 0));
    SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
    SHOW(timerfd_gettime(0, &now));
    must(timerfd_settime(fd, 0, &far, NULL));
    must(timerfd_settime(fd, 0, &off, &old));
    printf("was armed for more than 90 s: %s, every %ld s\n", yes(old.it_value.tv_sec >= 90), (long)old.it_interval.tv_sec);
    must(timerfd_gettime(fd, &now));
    printf("disarmed: %s\n", yes(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0));
    must(fcntl(fd, F_SETFL, O_NONBLOCK));
    SHOW(read(fd, ticks, 8));
    must(fcntl(fd, F_SETFL, 0));

    struct itimerspec at = {.it_value = in_ms(CLOCK_MONOTONIC, 40)};
    double begin = now_ms();
    must(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL));
    printf("absolute: %s", answer(read(fd, ticks, sizeof ticks)));
    printf(", took 40 ms: %s\n", yes(now_ms() - begin >= 39));
    at.it_value = (struct timespec){1, 0};
    must(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL));
    printf("in the past: %s", answer(read(fd, ticks, 8)));
    printf(", ticks %d\n", (int)ticks[0]);
    struct itimerspec often = in(5, 5);
    must(timerfd_settime(fd, 0, &often, NULL));
    usleep(40000);
    must(read(fd, ticks, 8));
    printf("missed ticks are counted: %s\n", yes(ticks[0] >= 7));
    must(timerfd_settime(fd, 0, &off, NULL));
    int wall = must(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
    at.it_value = in_ms(CLOCK_REALTIME, 20);
    must(timerfd_settime(wall, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL));
    struct pollfd entry = {.fd = wall, .events = POLLIN};
    printf("poll: %s", answer(poll(&entry, 1, 30000)));
    printf(", read: %s\n", answer(read(wall, ticks, 8)));
    return unused;
}

int main(void)
{
    must(pipe(turn));
    join(start(asks, NULL));
    // One waits at a timer that isn't armed until another arms it; far off first.
    pthread_t thread = start(waits, NULL);
    struct itimerspec far = in(100000, 0), soon = in(20, 0), old;
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    must(timerfd_settime(fd, 0, &far, NULL));
    let_it_block();
    must(timerfd_settime(fd, 0, &soon, &old));
    join(thread);
    // Two wait for the same tick: one gets it, and the next goes to the other.
    pthread_t both[2] = {start(waits, NULL), start(waits, NULL)};
    must(timerfd_settime(fd, 0, &soon, NULL));
    usleep(60000);
    must(timerfd_settime(fd, 0, &soon, NULL));
    for (int i = 0; i < 2; i++)
        join(both[i]);
    return 0;
}
