// What the sleeping calls refuse, what they take for no time at all, and that they leave the remaining time alone.
#include "fixture.h"

static void *everything(void *arg)
{
    struct timespec remaining = {123, 456};
    double since = now_ms();

    printf("on %s\n", (char *)arg);
    printf("negative nanoseconds: %s\n", answer(nanosleep(&(struct timespec){0, -1}, NULL)));
    printf("too many nanoseconds: %s\n", answer(nanosleep(&(struct timespec){0, 1000000000}, &remaining)));
    printf("negative seconds: %s\n", answer(nanosleep(&(struct timespec){-1, 0}, NULL)));
    printf("no time: %s\n", answer(nanosleep(&(struct timespec){0, 0}, &remaining)));
    printf("a little: %s\n", answer(nanosleep(&(struct timespec){0, 1000}, &remaining)));
    printf("remaining untouched: %ld %ld\n", (long)remaining.tv_sec, remaining.tv_nsec);
    printf("usleep(0): %s\n", answer(usleep(0)));
    printf("sleep(0): %u\n", sleep(0));

    errno = 77; // clock_nanosleep answers with the error
    printf("clock, negative: %s\n", error_name(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){-1, 0}, NULL)));
    printf("clock, too many: %s\n",
           error_name(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){0, 1000000000}, NULL)));
    printf("no such clock: %s\n", error_name(clock_nanosleep(999, 0, &(struct timespec){0, 1}, NULL)));
    printf("this thread's own CPU clock: %s\n",
           error_name(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1}, NULL)));
    printf("long past: %s\n", error_name(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL)));
    printf("boottime: %s\n", error_name(clock_nanosleep(CLOCK_BOOTTIME, 0, &(struct timespec){0, 1000000}, NULL)));
    printf("errno untouched: %d\n", errno);
    printf("all in no time: %s\n", yes(now_ms() - since < 5000));
    return NULL;
}

int main(void)
{
    join(start(everything, "a thread"));
    everything("main");
    return 0;
}
