// A stream that popen made before there was a thread; a child that began so, and one that is closed by a forked child.
#include "fixture.h"
#include <sys/wait.h>

static FILE *early;

static void *closes(void *unused)
{
    char line[64] = "";
    FILE *late = popen("cat >/dev/null; exit 2", "w");
    fprintf(early, "text\n");
    printf("early: %d\n", WEXITSTATUS(pclose(early)));
    printf("late: %d\n", WEXITSTATUS(pclose(late)));
    early = popen("echo mine; exit 3", "r");
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        // Not its child.
        int status = pclose(early);
        printf("in the child: %s\n", status == -1 ? error_name(errno) : "?");
        exit(0);
    }
    must(waitpid(child, NULL, 0));
    if (fgets(line, sizeof line, early))
        printf("%s", line);
    printf("mine: %d\n", WEXITSTATUS(pclose(early)));
    return unused;
}

int main(void)
{
    early = popen("cat >/dev/null; exit 1", "w");
    join(start(closes, NULL));
    return 0;
}
