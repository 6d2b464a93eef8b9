// epoll_wait and epoll_pwait: events of a writer that takes its time, then a time-out with what is left of it.
#include "../fixture.h"
#include "eintr.h"
#include <signal.h>
#include <sys/epoll.h>

enum { COUNT = 12 };

static void *writer(void *arg)
{
    for (int i = 0; i < COUNT; i++) {
        pause_ms(4);
        write_on(unbox(arg), "x", 1);
    }
    return NULL;
}

static void *loop(void *arg)
{
    int ends[2], set = must(epoll_create1(EPOLL_CLOEXEC));
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = 7};
    int seen = 0, wrong = 0;
    char letter;
    must(pipe(ends));
    must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
    pthread_t thread = start(writer, box(ends[1]));
    for (; seen < COUNT; seen++) {
        struct epoll_event got[4];
        wrong += go_on(seen % 2 ? epoll_wait(set, got, 4, -1) : epoll_pwait(set, got, 4, 1000, NULL)) != 1;
        wrong += got[0].data.u32 != 7;
        go_on(read(ends[0], &letter, 1));
    }
    join(thread);
    double begun = now_ms(), end = begun + 40;
    int ready;
    do
        ready = epoll_wait(set, &event, 1, end > now_ms() ? (int)(end - now_ms()) + 1 : 0);
    while (ready == -1 && errno == EINTR);
    wrong += ready != 0 || now_ms() < end;
    printf("%ld: seen %d, wrong %d\n", unbox(arg), seen, wrong);
    close(set);
    return NULL;
}

int main(void)
{
    loop(box(1));
    join(start_bitten(loop, box(2)));
    return 0;
}
