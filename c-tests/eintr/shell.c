// system, popen and pclose wait for their child whatever interrupts them.
#include "../fixture.h"
#include "eintr.h"
#include <sys/wait.h>

static _Atomic long mistakes;

static void *shells(void *arg)
{
    char command[64];
    int status, expected = 3 + unbox(arg);
    snprintf(command, sizeof command, "sleep 0.02; exit %d", expected);
    status = system(command);
    mistakes += !WIFEXITED(status) || WEXITSTATUS(status) != expected;

    snprintf(command, sizeof command, "read line; sleep 0.02; exit ${line:-99}");
    FILE *stream = popen(command, "w");
    if (stream == NULL)
        die("popen");
    fprintf(stream, "%d\n", expected);
    fflush(stream);
    status = pclose(stream);
    mistakes += !WIFEXITED(status) || WEXITSTATUS(status) != expected;
    return NULL;
}

int main(void)
{
    everywhere(shells);
    printf("mistakes: %ld\n", mistakes);
    return 0;
}
