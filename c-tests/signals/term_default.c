// SIGTERM ends a process that doesn't handle it, with that status; the counters are written first. To the program it's the default all the
// same, in its children too.
// signal: SIGTERM
#include "signals.h"
#include <sys/wait.h>

static void *sleeps(void *unused)
{
    for (;;)
        usleep(1000);
    return unused;
}

static const char *default_of(int number)
{
    struct sigaction action;
    must(sigaction(number, NULL, &action));
    return yes(action.sa_handler == SIG_DFL && action.sa_flags == 0);
}

int main(void)
{
    int status;
    struct sigaction set = {.sa_handler = SIG_DFL, .sa_flags = SA_RESTART};

    sigaddset(&set.sa_mask, SIGUSR1);
    must(sigaction(SIGHUP, &set, NULL));
    printf("before: %s\n", default_of(SIGTERM));
    for (int i = 0; i < 10; i++)
        must(pthread_detach(start(sleeps, NULL)));
    usleep(5000);
    printf("default: %s, %s, %s\n", default_of(SIGTERM), default_of(SIGINT), default_of(SIGHUP));
    must(sigaction(SIGHUP, NULL, &set));
    printf("with its flags: %s, and mask: %s\n", yes(set.sa_flags & SA_RESTART), yes(sigismember(&set.sa_mask, SIGUSR1)));
    printf("set and reset: %s", yes(signal(SIGTERM, SIG_IGN) == SIG_DFL));
    printf(" %s\n", yes(signal(SIGTERM, SIG_DFL) == SIG_IGN));
    printf("default: %s\n", default_of(SIGTERM));
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        printf("in a child: %s, %s\n", default_of(SIGTERM), yes(signal(SIGINT, SIG_IGN) == SIG_DFL));
        fflush(stdout);
        raise(SIGTERM);
        _exit(1);
    }
    must(waitpid(child, &status, 0));
    printf("the child: %s\n", yes(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    fflush(stdout);
    must(kill(getpid(), SIGTERM));
    sleep(10);
    return 0;
}
