// pthread_cancel ends a thread that waits for a signal, or for a child.
#include "points.h"
#include <signal.h>
#include <sys/wait.h>

static sigset_t signals;
static pid_t child;

static void with_sigwait(void)
{
    int number;
    sigwait(&signals, &number);
}

static void with_sigwaitinfo(void)
{
    sigwaitinfo(&signals, NULL);
}

static void with_sigtimedwait(void)
{
    sigtimedwait(&signals, NULL, &hour);
}

static void with_sigsuspend(void)
{
    sigsuspend(&signals);
}

static void with_wait(void)
{
    wait(NULL);
}

static void with_wait4(void)
{
    wait4(child, NULL, 0, NULL);
}

static void with_waitid(void)
{
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED);
}

static const struct point points[] = {
    POINT(sigwait), POINT(sigwaitinfo), POINT(sigtimedwait), POINT(sigsuspend), POINT(wait), POINT(wait4), POINT(waitid),
};

int main(void)
{
    int life[2];
    char byte;
    must(pipe(life));
    child = must(fork());
    if (child == 0) {
        close(life[1]);
        must(read(life[0], &byte, 1));
        _exit(3);
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &signals, NULL));
    CANCEL_IN(points);

    // What they waited for still works.
    int number, status;
    must(kill(getpid(), SIGUSR1));
    printf("sigwait: %s", error_name(sigwait(&signals, &number)));
    printf(" SIG%s\n", sigabbrev_np(number));
    close(life[1]);
    must(waitpid(child, &status, 0));
    printf("waitpid: %d\n", WEXITSTATUS(status));
    return 0;
}
