// poll, ppoll, select, pselect, epoll_wait, epoll_pwait, epoll_pwait2 never come back before their time, whatever its unit; huge
// times are no error; the caller's timespec stays as it is, select's timeval says what is left.
#include "../fixture.h"
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static int quiet[2], ready[2], quiet_set, ready_set;

static long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

enum { POLL, PPOLL, SELECT, PSELECT, EPOLL_WAIT, EPOLL_PWAIT, EPOLL_PWAIT2, KINDS };
static const char *const names[] = {"poll", "ppoll", "select", "pselect", "epoll_wait", "epoll_pwait", "epoll_pwait2"};

// Waits so many nanoseconds, or as many milliseconds or microseconds as that is, rounded up; says how long that was to be.
static int waits(int kind, int fd, int set, long ns, long *asked)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000}, copy = t;
    struct timeval v = {ns / 1000000000, (ns % 1000000000 + 999) / 1000};
    long ms = (ns + 999999) / 1000000;
    struct pollfd p = {fd, POLLIN, 0};
    struct epoll_event event;
    fd_set in;
    int n = -2;
    FD_ZERO(&in);
    if (fd >= 0)
        FD_SET(fd, &in);
    *asked = ns;
    errno = 0;
    switch (kind) {
    case POLL:
        *asked = ms * 1000000;
        n = poll(&p, 1, ms);
        break;
    case PPOLL:
        n = ppoll(&p, 1, &t, NULL);
        break;
    case SELECT: {
        *asked = v.tv_sec * 1000000000 + v.tv_usec * 1000;
        long begin = v.tv_sec * 1000000 + v.tv_usec;
        n = select(fd + 1, &in, NULL, NULL, &v);
        long left = v.tv_sec * 1000000 + v.tv_usec;
        if (n == 0 ? left != 0 : left > begin || left < begin - 5000000)
            printf("select leaves %ld of %ld us\n", left, begin);
        break;
    }
    case PSELECT:
        n = pselect(fd + 1, &in, NULL, NULL, &t, NULL);
        break;
    case EPOLL_WAIT:
        *asked = ms * 1000000;
        n = epoll_wait(set, &event, 1, ms);
        break;
    case EPOLL_PWAIT:
        *asked = ms * 1000000;
        n = epoll_pwait(set, &event, 1, ms, NULL);
        break;
    default:
        n = epoll_pwait2(set, &event, 1, &t, NULL);
    }
    if (t.tv_sec != copy.tv_sec || t.tv_nsec != copy.tv_nsec)
        printf("%s changed its time\n", names[kind]);
    return n;
}

struct counts {
    int early, late, wrong;
};

static void *times(void *argument)
{
    struct counts *counts = argument;
    static const long list[] = {1, 1000, 999999, 1000000, 1000001, 1500000, 3000000, 10000007};
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof list / sizeof *list; i++)
            for (int round = 0; round < 2; round++) {
                long asked, begin = now_ns();
                counts[kind].wrong += waits(kind, quiet[0], quiet_set, list[i], &asked) != 0;
                long took = now_ns() - begin;
                counts[kind].early += took < asked;
                counts[kind].late += took > asked + 5000000000;
            }
    }
    return NULL;
}

static void *huge(void *unused)
{
    (void)unused;
    for (int kind = 0; kind < KINDS; kind++) {
        static const long seconds[] = {1000, INT_MAX / 1000, LONG_MAX / 1000000000};
        for (int i = 0; i < 3; i++) {
            long asked, ns = seconds[i] * 1000000000;
            // Those that count milliseconds in an int can't say so much.
            if (i == 2 && (kind == POLL || kind == EPOLL_WAIT || kind == EPOLL_PWAIT))
                continue;
            printf("%s, %ld s: %s\n", names[kind], seconds[i], answer_(waits(kind, ready[0], ready_set, ns, &asked)));
        }
    }
    struct pollfd p = {ready[0], POLLIN, 0};
    struct timespec most = {LONG_MAX, 999999999};
    struct epoll_event event;
    printf("longest ppoll: %s\n", answer(ppoll(&p, 1, &most, NULL)));
    fd_set in;
    FD_ZERO(&in);
    FD_SET(ready[0], &in);
    printf("longest pselect: %s\n", answer(pselect(ready[0] + 1, &in, NULL, NULL, &most, NULL)));
    printf("longest epoll_pwait2: %s\n", answer(epoll_pwait2(ready_set, &event, 1, &most, NULL)));
    printf("longest poll: %s\n", answer(poll(&p, 1, INT_MAX)));
    printf("shortest poll: %s\n", answer(poll(&p, 1, INT_MIN)));
    printf("shortest epoll_wait: %s\n", answer(epoll_wait(ready_set, &event, 1, INT_MIN)));
    return NULL;
}

static void *writes_late(void *unused)
{
    (void)unused;
    let_it_block();
    must(write(ready[1], "x", 1));
    return NULL;
}

// The same, but the data comes only while it waits.
static void *huge_and_woken(void *unused)
{
    (void)unused;
    struct timespec most = {LONG_MAX, 999999999};
    struct epoll_event event;
    for (int kind = 0; kind < 4; kind++) {
        struct pollfd p = {ready[0], POLLIN, 0};
        fd_set in;
        FD_ZERO(&in);
        FD_SET(ready[0], &in);
        pthread_t writer = start(writes_late, NULL);
        int n = kind == 0   ? ppoll(&p, 1, &most, NULL)
                : kind == 1 ? pselect(ready[0] + 1, &in, NULL, NULL, &most, NULL)
                : kind == 2 ? epoll_pwait2(ready_set, &event, 1, &most, NULL)
                            : poll(&p, 1, INT_MAX);
        printf("woken from the longest %d: %s\n", kind, answer_(n));
        join(writer);
        must(read(ready[0], &(char){0}, 1));
    }
    return NULL;
}

int main(void)
{
    struct epoll_event wish = {.events = EPOLLIN};
    must(pipe(quiet));
    must(pipe(ready));
    quiet_set = must(epoll_create1(0));
    ready_set = must(epoll_create1(0));
    must(epoll_ctl(quiet_set, EPOLL_CTL_ADD, quiet[0], &wish));
    must(epoll_ctl(ready_set, EPOLL_CTL_ADD, ready[0], &wish));
    // At once, in a thread and in main.
    static struct counts counts[2][KINDS];
    pthread_t thread = start(times, counts[0]);
    times(counts[1]);
    join(thread);
    for (int i = 0; i < 2 * KINDS; i++) {
        struct counts *c = &counts[i / KINDS][i % KINDS];
        printf("%s: early %d, late %d, wrong %d\n", names[i % KINDS], c->early, c->late, c->wrong);
    }
    join(start(huge_and_woken, NULL));
    must(write(ready[1], "x", 1));
    join(start(huge, NULL));
    return 0;
}
