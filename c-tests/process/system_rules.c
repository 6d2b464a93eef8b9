// system by POSIX's rules: SIGINT and SIGQUIT are ignored as long as some thread is in it, SIGCHLD is blocked in that thread; the child has
// the caller's mask and the signals' defaults; what it answers.
#include "fixture.h"
#include <signal.h>
#include <sys/wait.h>

static volatile sig_atomic_t interrupts, children;

static void on_interrupt(int number)
{
    (void)number;
    interrupts++;
}

static void on_child(int number)
{
    (void)number;
    children++;
}

static const char *what(int status)
{
    static char text[64];
    if (status == -1)
        return error_name(errno);
    if (WIFEXITED(status))
        snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
    else
        snprintf(text, sizeof text, "killed %d", WTERMSIG(status));
    return text;
}

static const char *disposition(int number)
{
    struct sigaction action;
    must(sigaction(number, NULL, &action));
    return action.sa_handler == SIG_IGN ? "ignored" : action.sa_handler == SIG_DFL ? "default" : "handled";
}

static void *answers(void *unused)
{
    printf("a shell: %d\n", system(NULL));
    printf("%s\n", what(system("exit 3")));
    printf("%s\n", what(system("kill -9 $$")));
    printf("%s\n", what(system("no-such-command 2>/dev/null")));
    // Its interrupt is the shell's end, though this process has a handler, or would ignore it meanwhile.
    printf("%s\n", what(system("kill -INT $$; sleep 1")));
    return unused;
}

static char fifo[] = "gate";

// Commands that wait until the gate is opened.
static void *stays(void *unused)
{
    (void)unused;
    return box(system("read line < gate; exit 4"));
}

static void ignored_meanwhile(int threads)
{
    pthread_t ids[4];
    FILE *gate[4];
    int good = 0;

    for (int i = 0; i < threads; i++) {
        ids[i] = start(stays, NULL);
        // Opens when the shell does.
        gate[i] = fopen(fifo, "w");
        must(kill(getpid(), SIGINT));
        must(kill(getpid(), SIGQUIT));
        printf("in system: %s, %s\n", disposition(SIGINT), disposition(SIGQUIT));
        fclose(gate[i]);
        good += WEXITSTATUS(unbox(join(ids[i]))) == 4;
    }
    printf("%d of %d\n", good, threads);
    printf("afterwards: %s, %s, interrupts seen: %d\n", disposition(SIGINT), disposition(SIGQUIT), (int)interrupts);
}

static void *counts(void *out)
{
    return box(system((char *)out));
}

static void *blocks(void *unused)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_SETMASK, &set, NULL));
    fflush(stdout);
    printf("%s\n", what(system("grep -E 'Sig(Blk|Ign)' /proc/self/status")));
    zero(pthread_sigmask(SIG_SETMASK, NULL, &set));
    printf("mask: USR1 %d CHLD %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGCHLD));
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    pthread_t threads[30];
    long good = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    must(system("mkfifo gate"));
    must(sigaction(SIGINT, &action, NULL));
    join(start(answers, NULL));
    ignored_meanwhile(1);
    ignored_meanwhile(3);
    must(kill(getpid(), SIGINT));
    while (interrupts == 0)
        usleep(1000);
    printf("interrupts: %d\n", (int)interrupts);
    for (int i = 0; i < 30; i++)
        threads[i] = start(counts, i % 2 ? "exit 1" : "sleep 0.05; exit 1");
    for (int i = 0; i < 30; i++)
        good += WEXITSTATUS(unbox(join(threads[i])));
    printf("thirty at once: %ld, %s\n", good, disposition(SIGINT));
    join(start(blocks, NULL));

    // The child's signal comes when system is done, and not before; it's main's, where it isn't blocked.
    action.sa_handler = on_child;
    must(sigaction(SIGCHLD, &action, NULL));
    int status = system("exit 6");
    printf("%s\n", what(status));
    usleep(1000);
    printf("told of the child: %s\n", yes(children <= 1));
    signal(SIGCHLD, SIG_IGN);
    errno = 0;
    status = system("exit 6");
    printf("children ignored: %s\n", what(status));
    // Not a default that the caller had not: what it ignores its child does.
    signal(SIGCHLD, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    printf("%s\n", what(system("kill -INT $$; exit 9")));
    return 0;
}
