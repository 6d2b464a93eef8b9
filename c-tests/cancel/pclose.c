// pclose is no cancellation point: a thread that is cancelled in it gets the child's status, and then ends.
#include "fixture.h"
#include <sys/wait.h>

static int go[2], status = -7;

static void *closes(void *unused)
{
    char command[80];
    snprintf(command, sizeof command, "read line <&%d; exit 3", go[0]);
    FILE *pipe = popen(command, "r");
    if (!pipe)
        die("popen");
    status = pclose(pipe);
    pthread_testcancel();
    status = -8;
    return unused;
}

int main(void)
{
    must(pipe(go));
    pthread_t thread = start(closes, NULL);
    let_it_block();
    zero(pthread_cancel(thread));
    let_it_block();
    must(write(go[1], "x\n", 2));
    printf("cancelled: %s\n", yes(join(thread) == PTHREAD_CANCELED));
    printf("the child exited %d, and is gone: %s\n", WEXITSTATUS(status), answer(waitpid(-1, NULL, WNOHANG)));
    return 0;
}
