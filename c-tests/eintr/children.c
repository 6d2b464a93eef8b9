// waitpid and waitid for children that take their time, one after the other and on several threads.
#include "../fixture.h"
#include "eintr.h"
#include <sys/wait.h>

static _Atomic long mistakes;

static pid_t child_that_exits(int status)
{
    pid_t child = must(fork());
    if (child == 0) {
        pause_ms(10);
        _exit(status);
    }
    return child;
}

static void *waits(void *arg)
{
    int status, expected = 10 + unbox(arg);
    siginfo_t info;
    for (int i = 0; i < 4; i++) {
        pid_t child = child_that_exits(expected);
        if (i % 2) {
            mistakes += go_on(waitpid(child, &status, 0)) != child;
            mistakes += !WIFEXITED(status) || WEXITSTATUS(status) != expected;
        } else {
            go_on(waitid(P_PID, child, &info, WEXITED));
            mistakes += info.si_pid != child || info.si_code != CLD_EXITED || info.si_status != expected;
        }
    }
    return NULL;
}

int main(void)
{
    everywhere(waits);
    int seen = 0;
    for (int i = 0; i < 3; i++)
        child_that_exits(0);
    while (TEMP_FAILURE_RETRY(wait(NULL)) > 0)
        seen++;
    printf("mistakes: %ld, any child: %d, then %s\n", mistakes, seen, error_name(errno));
    return 0;
}
