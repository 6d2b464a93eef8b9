// What poll, ppoll, select and pselect refuse: too many fds, bad addresses, bad times, closed fds; from a thread and from main.
#include "../fixture.h"
#include <poll.h>
#include <sys/mman.h>
#include <sys/select.h>

// Hidden from the compiler, which would warn.
static void *volatile nowhere = (void *)16;
static volatile long many = 257, minus = -1;

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, answer_(result));
}

static void *user(void *unused)
{
    (void)unused;
    static struct pollfd set[300];
    int ends[2];
    must(pipe(ends));
    for (int i = 0; i < 300; i++)
        set[i] = (struct pollfd){-1, POLLIN, 7};
    set[0].fd = ends[1], set[0].events = POLLOUT;
    struct timespec soon = {5, 0};

    say("poll at the limit", poll(set, many - 1, 5000));
    say("poll beyond", poll(set + 1, many, 5000));
    say("poll beyond, no time limit", poll(set + 1, many, -1));
    say("poll beyond, no time", poll(set + 1, many, 0));
    printf("left alone: %s\n", yes(set[1].revents == 0));
    say("ppoll beyond", ppoll(set, many, &soon, NULL));
    say("poll of nowhere", poll(nowhere, 1, 5000));
    say("no time limit", poll(nowhere, 1, -1));
    say("no time", poll(nowhere, 1, 0));
    say("poll of none of nowhere", poll(nowhere, 0, 0));
    say("ppoll of nowhere", ppoll(nowhere, 1, NULL, NULL));
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(mprotect(page + 4096, 4096, PROT_NONE));
    struct pollfd *edge = (struct pollfd *)(page + 4096) - 1;
    *edge = (struct pollfd){ends[1], POLLOUT, 7};
    say("poll of half an array", poll(edge, 2, 5000));
    say("the half that is there", poll(edge, 1, 5000));

    struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {-5, 999999999}};
    for (int i = 0; i < 4; i++) {
        fd_set in;
        FD_ZERO(&in);
        printf("time %d\n", i);
        say("ppoll", ppoll(set + 1, 1, &bad[i], NULL));
        say("ppoll with a ready fd", ppoll(set, 1, &bad[i], NULL));
        say("pselect", pselect(0, &in, NULL, NULL, &bad[i], NULL));
    }
    struct timeval wrong[] = {{-1, 0}, {0, -1}};
    for (int i = 0; i < 2; i++)
        printf("time %d: select %s\n", i, answer(select(0, NULL, NULL, NULL, &wrong[i])));
    struct timeval odd = {0, 1000000};
    fd_set out;
    FD_ZERO(&out);
    FD_SET(ends[1], &out);
    printf("a million microseconds: %s\n", answer(select(ends[1] + 1, NULL, &out, NULL, &odd)));

    say("select of -1", select(minus, NULL, NULL, NULL, NULL));
    say("pselect of -1", pselect(minus, NULL, NULL, NULL, NULL, NULL));
    // A closed fd is an error in each of the three sets, though another is ready.
    int closed = must(dup(ends[0]));
    close(closed);
    for (int which = 0; which < 3; which++) {
        fd_set sets[3];
        struct timeval t = {5, 0};
        for (int i = 0; i < 3; i++)
            FD_ZERO(&sets[i]);
        FD_SET(closed, &sets[which]);
        FD_SET(ends[1], &sets[1]);
        printf("closed in set %d: %s", which, answer(select(FD_SETSIZE, &sets[0], &sets[1], &sets[2], &t)));
        printf(", still in the set: %s, no time limit: ", yes(FD_ISSET(closed, &sets[which])));
        printf("%s", answer(select(FD_SETSIZE, &sets[0], &sets[1], &sets[2], NULL)));
        printf(", pselect %s\n", answer(pselect(FD_SETSIZE, &sets[0], &sets[1], &sets[2], &soon, NULL)));
    }
    // One beyond the count isn't looked at.
    fd_set in;
    FD_ZERO(&in);
    FD_SET(closed, &in);
    printf("closed, beyond the count: %s\n", answer(select(closed, &in, NULL, NULL, &(struct timeval){0, 1000})));
    struct pollfd p = {closed, POLLIN, 0};
    printf("closed in poll: %s", answer(poll(&p, 1, -1)));
    printf(" %x, ", (unsigned)p.revents);
    printf("ppoll %s\n", answer(ppoll(&p, 1, NULL, NULL)));
    close(ends[0]), close(ends[1]);
    return NULL;
}

int main(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 256;
    must(setrlimit(RLIMIT_NOFILE, &limit));
    join(start(user, NULL));
    user(NULL);
    return 0;
}
