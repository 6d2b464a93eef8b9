// For fixtures about the end of a process: the program runs itself, once for each way to end, and tells what came out and how it ended.
#ifndef WAYS_H
#define WAYS_H

#include "../fixture.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct way {
    const char *name;
    void (*run)(void);
};

static inline void tell_status(int status)
{
    if (WIFEXITED(status))
        printf("  exited %d\n", WEXITSTATUS(status));
    else
        printf("  killed by %d\n", WTERMSIG(status));
}

// One way, in a process of its own, whose stdout is a pipe (so it's buffered fully). Its stderr is left alone.
static inline void run_way(const char *program, const char *name)
{
    int line[2];
    char buffer[4096];
    ssize_t got;
    int status;

    printf("%s\n", name);
    fflush(stdout);
    must(pipe(line));
    pid_t child = must(fork());
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        alarm(20);
        dup2(line[1], 1);
        close(line[0]);
        close(line[1]);
        execl(program, program, name, (char *)NULL);
        _exit(127);
    }
    close(line[1]);
    while ((got = read(line[0], buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, got, stdout);
    close(line[0]);
    must(waitpid(child, &status, 0));
    tell_status(status);
}

static inline int run_ways(int argc, char **argv, const struct way *ways, int count)
{
    for (int i = 0; i < count; i++) {
        if (argc > 1 && !strcmp(argv[1], ways[i].name)) {
            ways[i].run();
            return 77;
        }
        if (argc == 1)
            run_way(argv[0], ways[i].name);
    }
    return 0;
}

#define RUN_WAYS(argc, argv, ways) run_ways(argc, argv, ways, sizeof(ways) / sizeof *(ways))

#endif
