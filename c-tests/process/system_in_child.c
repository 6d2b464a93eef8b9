// A child that is forked while another thread of its parent is in system: SIGINT and SIGQUIT stay ignored there, but the shells that it starts
// have the defaults.
#include "fixture.h"
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void on_interrupt(int number)
{
    (void)number;
}

static const char *disposition(int number)
{
    struct sigaction action;
    must(sigaction(number, NULL, &action));
    return action.sa_handler == SIG_IGN ? "ignored" : action.sa_handler == SIG_DFL ? "default" : "handled";
}

static const char *what(int status)
{
    static char text[64];
    snprintf(text, sizeof text, WIFEXITED(status) ? "exited %d" : "killed %d",
             WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return text;
}

static void *stays(void *unused)
{
    (void)unused;
    return box(system("read line < gate; exit 4"));
}

static void *calls(void *unused)
{
    printf("  %s\n", what(system("kill -INT $$; exit 7")));
    printf("  %s\n", what(system("exit 7")));
    printf("  %s, %s\n", disposition(SIGINT), disposition(SIGQUIT));
    return unused;
}

static void *forks(void *unused)
{
    int status;

    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        printf("the child: %s, %s\n", disposition(SIGINT), disposition(SIGQUIT));
        calls(NULL);
        printf("a thread of its own\n");
        join(start(calls, NULL));
        printf("its handler\n");
        signal(SIGINT, on_interrupt);
        calls(NULL);
        fflush(stdout);
        _exit(5);
    }
    must(waitpid(child, &status, 0));
    printf("its end: %s\n", what(status));
    return unused;
}

int main(void)
{
    signal(SIGINT, on_interrupt);
    must(mkfifo("gate", 0600));
    pthread_t thread = start(stays, NULL);
    // Opens when the shell does.
    FILE *gate = fopen("gate", "w");
    printf("from main\n");
    forks(NULL);
    printf("from a thread\n");
    join(start(forks, NULL));
    fclose(gate);
    printf("the shell: %s\n", what(unbox(join(thread))));
    printf("afterwards: %s, %s\n", disposition(SIGINT), disposition(SIGQUIT));
    return 0;
}
