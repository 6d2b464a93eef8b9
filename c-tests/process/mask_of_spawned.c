// A program that a thread starts, by whatever call, gets that thread's signal mask.
#include "fixture.h"
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;
static char *const tells[] = {"sh", "-c", "grep SigBlk /proc/self/status", NULL};

static void finish(pid_t child)
{
    int status;
    must(waitpid(child, &status, 0));
    printf("  status %d\n", status);
    fflush(stdout);
}

static void *starts(void *number)
{
    sigset_t set;
    pid_t child;
    sigemptyset(&set);
    if (unbox(number))
        sigaddset(&set, unbox(number));
    zero(pthread_sigmask(SIG_SETMASK, &set, NULL));
    usleep(1000);
    printf("blocks signal %ld\n", unbox(number));
    fflush(stdout);
    zero(posix_spawnp(&child, "sh", NULL, NULL, tells, environ));
    finish(child);
    if (system(tells[2]) != 0)
        printf("system failed\n");
    FILE *pipe = popen(tells[2], "r");
    char line[100] = "";
    if (!fgets(line, sizeof line, pipe))
        die("fgets");
    pclose(pipe);
    printf("%s", line);
    fflush(stdout);
    child = must(fork());
    if (child == 0) {
        execvp("sh", tells);
        _exit(1);
    }
    finish(child);
    return NULL;
}

int main(void)
{
    join(start(starts, box(0)));
    join(start(starts, box(SIGUSR1)));
    starts(box(SIGUSR2));
    return 0;
}
