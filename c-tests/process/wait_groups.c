// Waiting for some: a process group, one's own group, stops and continues, a look without reaping; a zombie in whom nobody is interested lies
// there all the while.
#include "fixture.h"
#include <signal.h>
#include <sys/wait.h>

// A child in a group of its own or in this one, which waits for a byte.
static pid_t child_in(pid_t group, int *line)
{
    int ends[2];
    must(pipe(ends));
    pid_t child = must(fork());
    if (child == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 7 : 8);
    }
    close(ends[0]);
    if (group != -1)
        must(setpgid(child, group));
    *line = ends[1];
    return child;
}

static void tell(const char *what, pid_t got, pid_t meant, int status)
{
    printf("%s: %s, ", what, got == meant ? "the one" : got == -1 ? error_name(errno) : "another");
    if (WIFEXITED(status))
        printf("exited %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("killed %d\n", WTERMSIG(status));
    else if (WIFSTOPPED(status))
        printf("stopped %d\n", WSTOPSIG(status));
    else
        printf("continued: %s\n", yes(WIFCONTINUED(status)));
}

struct wish {
    const char *what;
    pid_t whom, meant;
    int options;
};

static void *waits(void *argument)
{
    struct wish *wish = argument;
    int status = -1;
    pid_t got = waitpid(wish->whom, &status, wish->options);
    tell(wish->what, got, wish->meant, status);
    return NULL;
}

static void after_a_while(struct wish wish, void (*does)(int), int argument)
{
    pthread_t thread = start(waits, &wish);
    usleep(20000);
    does(argument);
    join(thread);
}

static void release(int fd)
{
    write_all(fd, "x", 1);
    close(fd);
}

static pid_t target;

static void sends(int number)
{
    must(kill(target, number));
}

int main(void)
{
    int first_line, second_line, here_line, zombie_line;
    pid_t zombie = child_in(0, &zombie_line);
    pid_t first = child_in(0, &first_line), second = child_in(0, &second_line), here = child_in(-1, &here_line);
    siginfo_t info;

    // Nobody reaps this one till the end.
    release(zombie_line);
    must(waitid(P_PID, zombie, &info, WEXITED | WNOWAIT));
    printf("still there: %s, status %d\n", yes(info.si_pid == zombie && info.si_code == CLD_EXITED), info.si_status);

    after_a_while((struct wish){"of another group", -first, first, 0}, release, first_line);
    after_a_while((struct wish){"of my group", 0, here, 0}, release, here_line);
    target = second;
    after_a_while((struct wish){"stop", second, second, WUNTRACED}, sends, SIGSTOP);
    after_a_while((struct wish){"continue", second, second, WCONTINUED}, sends, SIGCONT);
    after_a_while((struct wish){"stop in a group", -second, second, WUNTRACED}, sends, SIGSTOP);
    // Stopped, and nobody asks for that: its end is what is waited for.
    after_a_while((struct wish){"end of a stopped one", -second, second, 0}, sends, SIGKILL);
    errno = 0;
    printf("no such group: %s\n", answer(waitpid(-second, NULL, 0)));
    must(waitid(P_PGID, zombie, &info, WEXITED));
    printf("the zombie: %s, status %d\n", yes(info.si_pid == zombie), info.si_status);
    printf("no more: %s\n", answer(waitpid(-1, NULL, 0)));
    printf("no more: %s\n", answer(waitid(P_ALL, 0, &info, WEXITED)));
    printf("wrong: %s\n", answer(waitpid(-1, NULL, 0x40000)));
    printf("wrong: %s\n", answer(waitid(P_ALL, 0, &info, 0)));
    return 0;
}
