// What epoll refuses: sets that are none, files that can't be in one, bad counts, flags and addresses, sets in a ring.
#include "../fixture.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>

static void *volatile nowhere = (void *)16;

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, answer_(result));
}

static int add(int set, int fd, unsigned events)
{
    struct epoll_event wish = {.events = events, .data.fd = fd};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &wish);
}

static int modify(int set, int fd, unsigned events)
{
    struct epoll_event wish = {.events = events, .data.fd = fd};
    return epoll_ctl(set, EPOLL_CTL_MOD, fd, &wish);
}

static void *user(void *unused)
{
    (void)unused;
    struct epoll_event events[4], one = {.events = EPOLLIN};
    int ends[2], set = must(epoll_create1(EPOLL_CLOEXEC)), other = must(epoll_create(1));
    must(pipe(ends));
    int closed = must(fcntl(0, F_DUPFD, 200));
    close(closed);
    int file = must(open("file", O_CREAT | O_RDWR, 0600)), folder = must(open(".", O_RDONLY)), null = must(open("/dev/null", O_RDWR));

    say("create of size 0", epoll_create(0));
    say("create of size -1", epoll_create(-1));
    say("create1 with bad flags", epoll_create1(1));
    say("close on exec", fcntl(set, F_GETFD));

    say("add a regular file", add(set, file, EPOLLIN));
    say("add a directory", add(set, folder, EPOLLIN));
    say("add /dev/null", add(set, null, EPOLLIN));
    say("add a closed fd", add(set, closed, EPOLLIN));
    say("add -1", add(set, -1, EPOLLIN));
    say("add itself", add(set, set, EPOLLIN));
    say("add to a closed set", add(closed, ends[0], EPOLLIN));
    say("add to -1", add(-1, ends[0], EPOLLIN));
    say("add to a pipe", add(ends[0], ends[1], EPOLLIN));
    say("add without an event", epoll_ctl(set, EPOLL_CTL_ADD, ends[0], nowhere));
    say("modify what isn't there", modify(set, ends[0], EPOLLIN));
    say("delete what isn't there", epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL));
    say("unknown operation", epoll_ctl(set, 77, ends[0], &one));
    say("add", add(set, ends[0], EPOLLIN));
    say("add again", add(set, ends[0], EPOLLOUT));
    say("exclusive and one-shot", add(set, ends[1], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
    say("exclusive set", add(set, other, EPOLLIN | EPOLLEXCLUSIVE));
    say("exclusive", add(set, ends[1], EPOLLIN | EPOLLEXCLUSIVE));
    say("modify an exclusive one", modify(set, ends[1], EPOLLIN));
    say("delete", epoll_ctl(set, EPOLL_CTL_DEL, ends[1], NULL));
    say("make exclusive later", modify(set, ends[0], EPOLLIN | EPOLLEXCLUSIVE));
    say("other set into it", add(set, other, EPOLLIN));
    say("it into the other", add(other, set, EPOLLIN));

    struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}}, no_time = {0, 0};
    static const int counts[] = {0, -1, INT_MIN, INT_MAX};
    for (int i = 0; i < 4; i++) {
        printf("room for %d\n", counts[i]);
        say("epoll_wait", epoll_wait(set, events, counts[i], 0));
        say("with time", epoll_wait(set, events, counts[i], i < 3 ? 5000 : 1));
        say("epoll_pwait", epoll_pwait(set, events, counts[i], 0, NULL));
        say("epoll_pwait2", epoll_pwait2(set, events, counts[i], &no_time, NULL));
    }
    for (int i = 0; i < 3; i++)
        say("bad time", epoll_pwait2(set, events, 4, &bad[i], NULL));
    static const char *const what[] = {"closed", "-1", "pipe", "regular file"};
    int none[] = {closed, -1, ends[0], file};
    for (int i = 0; i < 4; i++) {
        printf("wait in: %s\n", what[i]);
        say("epoll_wait, no time", epoll_wait(none[i], events, 4, 0));
        say("epoll_wait", epoll_wait(none[i], events, 4, 5000));
        say("epoll_wait, no limit", epoll_wait(none[i], events, 4, -1));
        say("epoll_wait, no room", epoll_wait(none[i], events, 0, -1));
        say("epoll_pwait", epoll_pwait(none[i], events, 4, -1, NULL));
        say("epoll_pwait2", epoll_pwait2(none[i], events, 4, NULL, NULL));
    }
    must(write(ends[1], "x", 1));
    say("to nowhere", epoll_wait(set, nowhere, 4, -1));
    say("to nowhere, no time", epoll_wait(set, nowhere, 4, 0));
    say("and still there", epoll_wait(set, events, 4, -1));
    say("read a set", read(set, events, sizeof events));
    say("write a set", write(set, events, sizeof events));
    close(ends[0]), close(ends[1]), close(set), close(other), close(file), close(folder), close(null);
    return NULL;
}

int main(void)
{
    join(start(user, NULL));
    user(NULL);
    return 0;
}
