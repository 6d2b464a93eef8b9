// waitpid for one child's end or stop, with other children there, when the child goes unseen: SIGCHLD is ignored, or another thread was
// faster; and when there's no descriptor to be had meanwhile.
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int go[2];
static pid_t child;

// A child that ends when it's told to.
static pid_t begin(void)
{
    char byte;
    pid_t pid = must(fork());
    if (pid == 0) {
        must(read(go[0], &byte, 1));
        _exit(3);
    }
    return pid;
}

static const char *what(pid_t result, int status)
{
    return result == -1 ? error_name(errno) : WIFEXITED(status) ? "exited" : "something else";
}

static void *waits(void *options)
{
    int status = 0;
    pid_t result = waitpid(child, &status, unbox(options));
    return (void *)what(result, status);
}

static void *waits_by_id(void *unused)
{
    siginfo_t info;
    (void)unused;
    return (void *)answer(waitid(P_PID, child, &info, WEXITED | WSTOPPED | WCONTINUED));
}

// Whether it's this one who was told of the end; else the other one was.
static void *waits_too(void *unused)
{
    int status = 0;
    (void)unused;
    pid_t result = waitpid(child, &status, WUNTRACED);
    if (result == -1 && errno != ECHILD)
        die("waitpid");
    return box(result == child);
}

static void *looks(void *unused)
{
    pid_t result;
    (void)unused;
    while ((result = waitpid(child, NULL, WNOHANG)) == 0)
        sched_yield();
    if (result == -1 && errno != ECHILD)
        die("waitpid");
    return box(result == child);
}

static void unseen(const char *name, void *(*function)(void *), int options)
{
    child = begin();
    pthread_t thread = start(function, box(options));
    let_it_block();
    must(write(go[1], "x", 1));
    printf("%s: %s\n", name, (char *)join(thread));
}

int main(void)
{
    must(pipe(go));
    pid_t other = must(fork());
    if (other == 0) {
        pause();
        _exit(0);
    }

    int told = 0;
    for (int i = 0; i < 50; i++) {
        child = begin();
        pthread_t first = start(waits_too, NULL), second = start(looks, NULL);
        must(write(go[1], "x", 1));
        told += unbox(join(first)) + unbox(join(second));
    }
    printf("two threads wait for one child: %d told of 50\n", told);

    unseen("seen", waits, WUNTRACED);
    signal(SIGCHLD, SIG_IGN);
    unseen("ends", waits, 0);
    unseen("ends or stops", waits, WUNTRACED);
    unseen("ends or goes on", waits, WCONTINUED);
    unseen("waitid", waits_by_id, 0);

    struct rlimit few = {64, 64};
    must(setrlimit(RLIMIT_NOFILE, &few));
    int last, next = 0;
    do
        last = next;
    while ((next = dup(0)) >= 0);
    unseen("no descriptors left", waits, 0);
    unseen("none, and stops", waits, WUNTRACED);
    close(last);
    must(kill(other, SIGKILL));
    return 0;
}
