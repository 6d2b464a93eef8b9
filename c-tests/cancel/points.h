// What the fixtures about cancellation points share: each point is cancelled while a thread waits there, and before it comes there.
#ifndef POINTS_H
#define POINTS_H
#include "fixture.h"

#define POINT(name) {#name, with_##name}
struct point {
    const char *name;
    void (*call)(void);
};

static inline void says(void *text)
{
    printf("  %s\n", (char *)text);
}

static void *runs(void *call)
{
    pthread_cleanup_push(says, "last");
    pthread_cleanup_push(says, "first");
    ((void (*)(void))call)();
    printf("  came back\n");
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static inline void cancel_in(const struct point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int early = 0; early < 2; early++) {
            printf("%s%s\n", points[i].name, early ? ", cancelled early" : "");
            pthread_t thread = start(runs, points[i].call);
            if (!early)
                usleep(4000);
            zero(pthread_cancel(thread));
            printf("  cancelled: %s\n", yes(join(thread) == PTHREAD_CANCELED));
        }
}
#define CANCEL_IN(points) cancel_in(points, sizeof points / sizeof *points)

static const struct timespec hour = {3600, 0};

static inline struct timespec in_an_hour(clockid_t clock)
{
    struct timespec when;
    clock_gettime(clock, &when);
    when.tv_sec += 3600;
    return when;
}

#endif
