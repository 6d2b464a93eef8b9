// green: lost
// Which numbers come through exec: those opened with each kind of close-on-exec don't, their plain twins do; exec by a thread that
// forked, by posix_spawn, and by a thread of the process itself, while others wait.
#include "../fixture.h"
#include <fcntl.h>
#include <linux/close_range.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

enum { FIRST = 40, PLACES = 40 };

static const char *const names[PLACES] = {"open",      "pipe",  "pipe",         "socket",      "pair",      "pair",     "accept4", "dup3",   "F_DUPFD_CLOEXEC", "F_SETFD",
                                          "fopen",     "epoll", "eventfd",      "timerfd",     "dup2",      "F_DUPFD",  "set off", "range",  "kept",            "dup"};
static int used;
static char *program;

// Gives a new number its place, with its flag as it is.
static void place(int fd)
{
    int flag = must(fcntl(fd, F_GETFD));
    must(dup3(fd, FIRST + used++, flag ? O_CLOEXEC : 0));
    close(fd);
}

static void *waits(void *fd)
{
    char byte;
    return box(read(unbox(fd), &byte, 1));
}

static int list(const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < PLACES; i++)
        if (fcntl(FIRST + i, F_GETFD) >= 0)
            printf(" %s", names[i] ? names[i] : "?");
    printf("\n");
    fflush(stdout);
    return 0;
}

static void *executes(void *unused)
{
    (void)unused;
    int status;
    pid_t child = must(fork());
    if (child == 0) {
        execl(program, program, "forked", (char *)NULL);
        _exit(127);
    }
    must(waitpid(child, &status, 0));
    char *arguments[] = {program, "spawned", NULL}, *environment[] = {NULL};
    zero(posix_spawn(&child, program, NULL, NULL, arguments, environment));
    must(waitpid(child, &status, 0));
    posix_spawn_file_actions_t actions;
    zero(posix_spawn_file_actions_init(&actions));
    zero(posix_spawn_file_actions_adddup2(&actions, FIRST + 14, FIRST));
    zero(posix_spawn_file_actions_addclose(&actions, FIRST + 14));
    arguments[1] = "spawned with actions";
    zero(posix_spawn(&child, program, &actions, NULL, arguments, environment));
    must(waitpid(child, &status, 0));
    zero(posix_spawn_file_actions_destroy(&actions));
    execl(program, program, "replaced", (char *)NULL);
    die("exec");
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return list(argv[1]);
    program = argv[0];
    closefrom(3);
    struct sockaddr_in address;
    int two[2], listener = listen_loopback(1, &address), client = connect_to(&address);
    place(must(open("/dev/null", O_RDONLY | O_CLOEXEC)));
    must(pipe2(two, O_CLOEXEC));
    place(two[0]), place(two[1]);
    place(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two));
    place(two[0]), place(two[1]);
    place(must(accept4(listener, NULL, NULL, SOCK_CLOEXEC)));
    place(must(dup3(0, 30, O_CLOEXEC)));
    place(must(fcntl(0, F_DUPFD_CLOEXEC, 30)));
    int set = must(dup(0));
    must(fcntl(set, F_SETFD, FD_CLOEXEC));
    place(set);
    place(must(fcntl(fileno(fopen("/dev/null", "re")), F_DUPFD_CLOEXEC, 3)));
    place(must(epoll_create1(EPOLL_CLOEXEC)));
    place(must(eventfd(0, EFD_CLOEXEC)));
    place(must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)));
    // These stay: the flag isn't copied, or is taken off.
    must(dup2(FIRST, FIRST + used++));
    must(fcntl(FIRST, F_DUPFD, FIRST + used++));
    place(must(fcntl(0, F_DUPFD_CLOEXEC, 30)));
    must(fcntl(FIRST + used - 1, F_SETFD, 0));
    must(dup2(0, FIRST + used++));
    must(close_range(FIRST + used - 1, FIRST + used - 1, CLOSE_RANGE_CLOEXEC));
    must(dup2(0, FIRST + used++));
    place(must(dup(0)));
    list("here");
    close(listener), close(client);
    start(waits, box(FIRST + 1));
    start(waits, box(FIRST + 4));
    let_it_block();
    join(start(executes, NULL));
    return 0;
}
