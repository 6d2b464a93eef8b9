// A terminal (pty) in poll, select and epoll: a thread waits for a line at one side while the other side types; a line counts when it
// ends; hang-up; room to write.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <termios.h>

static int user;

static void *reads_lines(void *kinds)
{
    int set = must(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN, .data.fd = user};
    must(epoll_ctl(set, EPOLL_CTL_ADD, user, &event));
    for (int kind = 0; kind < 3; kind++) {
        struct pollfd p = {user, POLLIN, 0};
        char line[64];
        fd_set in;
        FD_ZERO(&in);
        FD_SET(user, &in);
        int n = kind == 0   ? poll(&p, 1, -1)
                : kind == 1 ? select(user + 1, &in, NULL, NULL, NULL)
                            : epoll_wait(set, &event, 1, -1);
        printf("%d: ready %s", kind, answer_(n));
        ssize_t got = must(read(user, line, sizeof line));
        printf(", read %.*s\n", (int)got - 1, line);
        must(write(unbox(kinds), "k", 1));
    }
    close(set);
    return NULL;
}

static void *waits_for_hang_up(void *fd)
{
    struct pollfd p = {unbox(fd), POLLIN, 0};
    must(poll(&p, 1, -1));
    return box(p.revents);
}

int main(void)
{
    int next[2], terminal = must(posix_openpt(O_RDWR | O_NOCTTY));
    char byte, echo[64];
    must(grantpt(terminal));
    must(unlockpt(terminal));
    user = must(open(ptsname(terminal), O_RDWR | O_NOCTTY));
    must(pipe(next));
    pthread_t thread = start(reads_lines, box(next[1]));
    for (int i = 0; i < 3; i++) {
        must(write(terminal, "half", 4));
        // Not yet: a line must end.
        struct pollfd p = {user, POLLIN, 0};
        printf("half a line: %s\n", answer(poll(&p, 1, 1)));
        must(write(terminal, " line\n", 6));
        read_all(next[0], &byte, 1);
    }
    join(thread);
    size_t size = read_all(terminal, echo, 11);
    printf("echo: %.*s\n", (int)size - 2, echo);

    // Typed as it comes, without lines.
    struct termios raw;
    must(tcgetattr(user, &raw));
    cfmakeraw(&raw);
    must(tcsetattr(user, TCSANOW, &raw));
    must(write(terminal, "c", 1));
    struct pollfd both[2] = {{user, POLLIN | POLLOUT, 0}, {terminal, POLLOUT, 0}};
    printf("raw: %s", answer(poll(both, 2, -1)));
    printf(", %x %x\n", (unsigned)both[0].revents, (unsigned)both[1].revents);
    must(read(user, &byte, 1));
    thread = start(waits_for_hang_up, box(user));
    let_it_block();
    close(terminal);
    long bits = unbox(join(thread));
    printf("hung up: %s, at once the next time: %s\n", yes(bits & POLLHUP), yes(unbox(join(start(waits_for_hang_up, box(user)))) & POLLHUP));
    printf("read: %s, ", answer(read(user, &byte, 1)));
    printf("write: %s\n", answer(write(user, "x", 1)));
    close(user);

    // The other side goes.
    terminal = must(posix_openpt(O_RDWR | O_NOCTTY));
    must(grantpt(terminal));
    must(unlockpt(terminal));
    user = must(open(ptsname(terminal), O_RDWR | O_NOCTTY));
    thread = start(waits_for_hang_up, box(terminal));
    let_it_block();
    close(user);
    bits = unbox(join(thread));
    printf("user gone: %s", yes(bits & POLLHUP));
    printf(", read: %s\n", answer(read(terminal, &byte, 1)));
    return 0;
}
