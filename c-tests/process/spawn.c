// posix_spawn from threads: file actions, attributes, errors; many at once, each waited for by its own thread while others work.
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int status_of(pid_t child)
{
    int status;
    must(waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *with_files(void *unused)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    char text[100] = "";
    int ends[2];
    char *const arguments[] = {"sh", "-c", "read a; echo got $a in $PWD; readlink /proc/$$/fd/9 >&2; exit 5", NULL};

    must(pipe2(ends, O_CLOEXEC));
    FILE *input = fopen("input", "w");
    fprintf(input, "words\n");
    fclose(input);
    zero(posix_spawn_file_actions_init(&actions));
    zero(posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0));
    zero(posix_spawn_file_actions_adddup2(&actions, ends[1], 1));
    zero(posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_WRONLY, 0));
    zero(posix_spawn_file_actions_adddup2(&actions, 1, 2));
    zero(posix_spawn_file_actions_addclose(&actions, ends[1]));
    zero(posix_spawn_file_actions_addchdir_np(&actions, "/"));
    zero(posix_spawnp(&child, "sh", &actions, NULL, arguments, environ));
    close(ends[1]);
    size_t length = read_all(ends[0], text, sizeof text - 1);
    text[length] = '\0';
    printf("%s%d\n", text, status_of(child));
    close(ends[0]);
    zero(posix_spawn_file_actions_destroy(&actions));
    return unused;
}

static void *with_attributes(void *unused)
{
    posix_spawnattr_t attributes;
    sigset_t set;
    pid_t child;
    char *const arguments[] = {"sh", "-c", "set -- $(cat /proc/$$/stat); test $5 = $$ && grep -E 'Sig(Blk|Ign)' /proc/self/status", NULL};

    signal(SIGUSR2, SIG_IGN);
    zero(posix_spawnattr_init(&attributes));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    zero(posix_spawnattr_setsigdefault(&attributes, &set));
    sigaddset(&set, SIGUSR1);
    zero(posix_spawnattr_setsigmask(&attributes, &set));
    zero(posix_spawnattr_setpgroup(&attributes, 0));
    zero(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
    fflush(stdout);
    zero(posix_spawnp(&child, "sh", NULL, &attributes, arguments, environ));
    printf("%d\n", status_of(child));
    zero(posix_spawnattr_destroy(&attributes));
    return unused;
}

static void *fails(void *unused)
{
    char *const arguments[] = {"x", NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = -7;
    printf("none: %s\n", error_name(posix_spawn(&child, "/no/such", NULL, NULL, arguments, environ)));
    printf("none: %s\n", error_name(posix_spawnp(&child, "no-such-program", NULL, NULL, arguments, environ)));
    printf("not to be run: %s\n", error_name(posix_spawn(&child, "/etc/passwd", NULL, NULL, arguments, environ)));
    zero(posix_spawn_file_actions_init(&actions));
    zero(posix_spawn_file_actions_addopen(&actions, 0, "/no/such", O_RDONLY, 0));
    printf("no such input: %s\n", error_name(posix_spawnp(&child, "true", &actions, NULL, arguments, environ)));
    zero(posix_spawn_file_actions_destroy(&actions));
    printf("none was made: %s\n", answer(waitpid(-1, NULL, 0)));
    return unused;
}

static void *one_of_many(void *number)
{
    char command[64];
    char *const arguments[] = {"sh", "-c", command, NULL};
    pid_t child;
    snprintf(command, sizeof command, "exit %ld", unbox(number) % 200);
    zero(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ));
    return box(status_of(child) == unbox(number) % 200);
}

int main(void)
{
    pthread_t threads[60];
    long good = 0;
    join(start(with_files, NULL));
    with_files(NULL);
    join(start(with_attributes, NULL));
    join(start(fails, NULL));
    for (int i = 0; i < 60; i++)
        threads[i] = start_small(one_of_many, box(i));
    for (int i = 0; i < 60; i++)
        good += unbox(join(threads[i]));
    printf("at once: %ld\n", good);
    return 0;
}
