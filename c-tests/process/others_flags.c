// A process that has a socket of this one's, however it was started, before the first thread or later, makes it non-blocking, or its
// reads time out. This one's calls heed that.
#include "../fixture.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { LISTED = 3 };
extern char **environ;

static int go[2];
static const char *self;

// Waits for a byte, then sets the flag.
static int child(void *socket)
{
    char byte;
    if (read(go[0], &byte, 1) == 1)
        fcntl(unbox(socket), F_SETFL, fcntl(unbox(socket), F_GETFL) | O_NONBLOCK);
    _exit(0);
}

static pid_t by_clone(int socket)
{
    static char stack[65536] __attribute__((aligned(16)));
    return must(clone(child, stack + sizeof stack, SIGCHLD, box(socket)));
}

static pid_t by_syscall(int socket)
{
    pid_t pid = must(syscall(SYS_fork));
    return pid ? pid : child(box(socket));
}

static pid_t by_fork(int socket)
{
    pid_t pid = must(fork());
    return pid ? pid : child(box(socket));
}

// This program itself, with the descriptor and what to do.
static pid_t by_spawn(int socket)
{
    char fd[12];
    pid_t pid;
    snprintf(fd, sizeof fd, "%d", socket);
    char *argv[] = {(char *)self, "flag", fd, NULL};
    zero(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ));
    return pid;
}

static pid_t by_system(int socket)
{
    char command[4200];
    snprintf(command, sizeof command, "'%s' flag %d", self, socket);
    printf("%s", must(system(command)) ? "the shell fails\n" : "");
    return 0;
}

static pid_t by_popen(int socket)
{
    char command[4200];
    snprintf(command, sizeof command, "'%s' flag %d", self, socket);
    FILE *stream = popen(command, "r");
    printf("%s", pclose(stream) ? "the shell fails\n" : "");
    return 0;
}

struct way {
    const char *name;
    pid_t (*start)(int);
};

static void *reads(void *socket)
{
    char byte;
    return box(recv(unbox(socket), &byte, 1, 0) == -1 ? errno : 0);
}

// Each child has a pipe to itself, by which it's told to go.
static pid_t launch(const struct way *way, int socket, int *told_by)
{
    must(pipe(go));
    *told_by = go[1];
    pid_t pid = way->start(socket);
    close(go[0]);
    return pid;
}

static void say(const char *name, int socket, pid_t pid, int told_by)
{
    // One that was started otherwise has gone already.
    if (told_by >= 0)
        (void)!write(told_by, "x", 1);
    if (pid)
        must(waitpid(pid, NULL, 0));
    long error = unbox(join(start(reads, box(socket))));
    printf("%s: %s\n", name, error == EAGAIN ? "EAGAIN" : error ? "another error" : "no error");
}

static int pair(void)
{
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    return ends[0];
}

static void *later(void *unused)
{
    static const struct way ways[] = {{"fork", by_fork}, {"spawn", by_spawn}, {"system", by_system}, {"popen", by_popen}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        int socket = pair(), told_by;
        pid_t pid = launch(&ways[i], socket, &told_by);
        say(ways[i].name, socket, pid, told_by);
    }
    // A timeout, by a program that has it under another number.
    int socket = pair();
    pid_t pid;
    posix_spawn_file_actions_t actions;
    char *argv[] = {(char *)self, "timeout", "3", NULL};
    zero(posix_spawn_file_actions_init(&actions));
    zero(posix_spawn_file_actions_adddup2(&actions, socket, LISTED));
    zero(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ));
    must(waitpid(pid, NULL, 0));
    say("timeout", socket, 0, -1);
    return unused;
}

int main(int argc, char **argv)
{
    static char path[4096];
    static const struct way ways[] = {
        {"early clone", by_clone}, {"early syscall", by_syscall}, {"early fork", by_fork}, {"early spawn", by_spawn},
        {"early system", by_system}, {"early popen", by_popen}};
    enum { WAYS = sizeof ways / sizeof *ways };
    int sockets[WAYS], told_by[WAYS];
    pid_t pids[WAYS];

    if (argc == 3) {
        int fd = atoi(argv[2]);
        struct timeval timeout = {0, 50000};
        if (strcmp(argv[1], "flag") == 0)
            return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0;
        return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0;
    }
    must(readlink("/proc/self/exe", path, sizeof path - 1));
    self = path;
    signal(SIGPIPE, SIG_IGN);
    fflush(stdout);
    for (int i = 0; i < WAYS; i++) {
        sockets[i] = pair();
        pids[i] = launch(&ways[i], sockets[i], &told_by[i]);
    }
    for (int i = 0; i < WAYS; i++)
        say(ways[i].name, sockets[i], pids[i], told_by[i]);
    join(start(later, NULL));
    return 0;
}
