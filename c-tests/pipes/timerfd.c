// A read of a timerfd waits until it is due, and gives the number of ticks; threads wait on several at once.
#include "../sockets/net.h"
#include <sys/timerfd.h>
static void *waiter(void *arg) {
    long ms = (long)arg;
    int fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
    struct itimerspec t = {.it_value = {0, ms * 1000000}};
    uint64_t ticks = 0;
    long begin = now_ms();
    MUST(timerfd_settime(fd, 0, &t, NULL));
    MUST(read(fd, &ticks, sizeof ticks));
    close(fd);
    return (void *)(long)(ticks == 1 && now_ms() - begin >= ms - 1);
}

static void *periodic(void *unused) {
    (void)unused;
    int fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
    struct itimerspec t = {.it_value = {0, 5000000}, .it_interval = {0, 5000000}};
    uint64_t ticks, sum = 0;
    long begin = now_ms();
    MUST(timerfd_settime(fd, 0, &t, NULL));
    while (sum < 10) {
        MUST(read(fd, &ticks, sizeof ticks));
        sum += ticks;
    }
    printf("10 ticks of 5 ms took >= 49 ms: %s\n", now_ms() - begin >= 49 ? "yes" : "no");
    return NULL;
}

int main(void) {
    pthread_t threads[10];
    long good = 0, begin = now_ms();
    for (long i = 0; i < 10; i++)
        threads[i] = start(waiter, (void *)(20 + (i * 7) % 10 * 10));
    for (int i = 0; i < 10; i++)
        good += finish(threads[i]);
    printf("on time: %ld, together < 5 s: %s\n", good, now_ms() - begin < 5000 ? "yes" : "no");
    finish(start(periodic, NULL));
    return 0;
}
