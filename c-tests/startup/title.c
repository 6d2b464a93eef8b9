// Writes its title over the arguments and the environment it was started with, as setproctitle does, before it has a thread: what the
// library was told then (where the counters go, which threads stay native) it still knows.
// env: GREEN_NATIVE=stays_native
#include "../fixture.h"
#include <stddef.h>

extern char **environ;

static void *stays_native(void *out)
{
    *(pid_t *)out = gettid();
    usleep(1000);
    return NULL;
}

static void *sleeps(void *unused)
{
    usleep(1000);
    return unused;
}

int main(int argc, char **argv)
{
    char *begin = argv[0], *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;
    size_t count = 0;
    pid_t id = 0;

    while (environ[count])
        count++;
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        char *last = environ[i] + strlen(environ[i]) + 1;
        end = last > end ? last : end;
        copy[i] = strdup(environ[i]);
    }
    environ = copy;
    memset(begin, 0, end - begin);
    strncpy(begin, "title: idle", end - begin - 1);

    join(start(stays_native, &id));
    printf("its own kernel thread: %s\n", yes(id != 0 && id != gettid()));
    for (int i = 0; i < 10; i++)
        join(start(sleeps, NULL));
    FILE *line = fopen("/proc/self/cmdline", "r");
    char title[64] = "";
    printf("%s\n", line && fgets(title, sizeof title, line) ? title : "no title");
    return 0;
}
