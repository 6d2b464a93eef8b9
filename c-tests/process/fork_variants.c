// _Fork, vfork, forkpty, daemon, and each exec, from a thread and from main; in each child threads can be made, and each program has
// the caller's signal mask.
#include "fixture.h"
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;
static char *own_name;

static void *adds(void *number)
{
    usleep(1000);
    return box(unbox(number) + 1);
}

static int threads_work(void)
{
    long sum = 0;
    pthread_t threads[5];
    for (int i = 0; i < 5; i++)
        threads[i] = start(adds, box(i));
    for (int i = 0; i < 5; i++)
        sum += unbox(join(threads[i]));
    return sum == 15 ? 30 : 1;
}

static void on_fork(void)
{
    printf("  handler\n");
    fflush(stdout);
}

static int status_of(pid_t child)
{
    int status;
    must(waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void forks(void)
{
    printf("fork\n");
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0)
        _exit(threads_work());
    printf("  %d\n", status_of(child));
    printf("_Fork\n");
    fflush(stdout);
    child = must(_Fork());
    if (child == 0)
        _exit(threads_work());
    printf("  %d\n", status_of(child));
    printf("vfork\n");
    fflush(stdout);
    child = must(vfork());
    if (child == 0)
        _exit(31);
    printf("  %d\n", status_of(child));
    child = must(vfork());
    if (child == 0) {
        execl(own_name, own_name, "mask", "vfork", NULL);
        _exit(99);
    }
    printf("  %d\n", status_of(child));
}

// The child talks to its terminal.
static void with_terminal(void)
{
    int master;
    char name[100] = "", text[100] = "";
    struct winsize size = {25, 81, 0, 0};
    printf("forkpty\n");
    fflush(stdout);
    pid_t child = must(forkpty(&master, name, NULL, &size));
    if (child == 0) {
        struct winsize mine;
        must(ioctl(0, TIOCGWINSZ, &mine));
        printf("%d by %d, a terminal: %s, %d\n", mine.ws_row, mine.ws_col, yes(isatty(1)), threads_work());
        exit(32);
    }
    for (size_t got = 0; got < sizeof text - 1 && !strchr(text, '\n');) {
        ssize_t n = read(master, text + got, sizeof text - 1 - got);
        if (n <= 0)
            break;
        got += n;
    }
    printf("  it says: %s", text);
    printf("  named: %s\n", yes(!strncmp(name, "/dev/pts/", 9)));
    printf("  %d\n", status_of(child));
    close(master);
}

static void daemons(void)
{
    int line[2];
    char text[100] = "";
    printf("daemon\n");
    fflush(stdout);
    must(pipe(line));
    pid_t child = must(fork());
    if (child == 0) {
        char where[100];
        struct stat zero, null;
        pid_t before = getpid();
        must(daemon(0, 0));
        must(stat("/dev/null", &null));
        must(fstat(0, &zero));
        dprintf(line[1], "another: %s, session: %s, in %s, null: %s, threads: %d\n", yes(getpid() != before),
            yes(getsid(0) == getpid()), getcwd(where, sizeof where), yes(zero.st_rdev == null.st_rdev), threads_work());
        _exit(0);
    }
    close(line[1]);
    printf("  %d\n", status_of(child));
    read_all(line[0], text, sizeof text - 1);
    printf("  %s", text);
    close(line[0]);
}

static void execs(void)
{
    char *const arguments[] = {own_name, "mask", "array", NULL};
    char *const with[] = {"PATH=/usr/bin:/bin", "EXTRA=yes", NULL};
    for (int way = 0; way < 8; way++) {
        fflush(stdout);
        pid_t child = must(fork());
        if (child == 0) {
            switch (way) {
            case 0: execl(own_name, own_name, "mask", "execl", NULL); break;
            case 1: execle(own_name, own_name, "mask", "execle", NULL, with); break;
            case 2: execlp(own_name, own_name, "mask", "execlp", NULL); break;
            case 3: execv(own_name, arguments); break;
            case 4: execvp(own_name, arguments); break;
            case 5: execve(own_name, arguments, with); break;
            case 6: execvpe(own_name, arguments, with); break;
            case 7: execveat(AT_FDCWD, own_name, arguments, with, 0); break;
            }
            _exit(99);
        }
        printf("  %d\n", status_of(child));
    }
    // They return when they fail.
    printf("none: %s ", answer(execl("/no/such", "x", NULL)));
    printf("%s ", answer(execlp("no-such-program", "x", NULL)));
    printf("%s ", answer(execle("/etc/passwd", "x", NULL, environ)));
    printf("%s\n", answer(execveat(-1, "x", arguments, environ, 0)));
}

// With many arguments, straight from a thread: the program replaces all.
static void *replaces(void *unused)
{
    execl(own_name, own_name, "list", "a", "b", "c", "d", "e", "f", "g", "h", NULL);
    return unused;
}

static void *all(void *number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, unbox(number));
    zero(pthread_sigmask(SIG_SETMASK, &set, NULL));
    forks();
    with_terminal();
    daemons();
    execs();
    return NULL;
}

int main(int argc, char **argv)
{
    own_name = argv[0];
    if (argc > 2 && !strcmp(argv[1], "mask")) {
        sigset_t set;
        sigprocmask(SIG_SETMASK, NULL, &set);
        printf("  %s: blocks USR1 %d USR2 %d, extra: %s\n", argv[2], sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2),
            getenv("EXTRA") ? "yes" : "no");
        return 33;
    }
    if (argc > 2) {
        for (int i = 2; i < argc; i++)
            printf(" %s", argv[i]);
        printf("\n");
        return 0;
    }
    zero(pthread_atfork(on_fork, NULL, NULL));
    join(start(all, box(SIGUSR1)));
    all(box(SIGUSR2));
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        join(start(replaces, NULL));
        _exit(98);
    }
    printf("%d\n", status_of(child));
    return 0;
}
