// A program that's started gets the thread's signal mask, also when signals come in, or other threads change their masks, during the call.
#include "fixture.h"
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

enum { TIMES = 150 };

extern char **environ;
static volatile int stop;

static void on_signal(int number)
{
    (void)number;
}

static void change(int how, int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    zero(pthread_sigmask(how, &set, NULL));
}

// Starts this program many times; how many had another mask than this thread.
static void *starts(void *arguments)
{
    sigset_t own;
    long wrong = 0;

    zero(pthread_sigmask(SIG_BLOCK, NULL, &own));
    int expected = sigismember(&own, SIGUSR1) | sigismember(&own, SIGUSR2) << 1 | 1 << 6;
    for (int i = 0; i < TIMES; i++) {
        pid_t child;
        int status;
        zero(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ));
        must(waitpid(child, &status, 0));
        wrong += WEXITSTATUS(status) != expected;
    }
    stop = 1;
    return box(wrong);
}

static void *starts_unblocked(void *arguments)
{
    change(SIG_UNBLOCK, SIGUSR1);
    return starts(arguments);
}

static void *toggles(void *unused)
{
    while (!stop) {
        change(SIG_UNBLOCK, SIGUSR2);
        change(SIG_BLOCK, SIGUSR2);
    }
    return unused;
}

int main(int count, char **names)
{
    char *arguments[] = {names[0], "tell", NULL};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    if (count > 1) {
        sigset_t set;
        sigprocmask(SIG_BLOCK, NULL, &set);
        return sigismember(&set, SIGUSR1) | sigismember(&set, SIGUSR2) << 1 | 1 << 6;
    }
    // The programs that are started are as they are.
    unsetenv("LD_PRELOAD");
    must(sigaction(SIGUSR1, &action, NULL));
    change(SIG_BLOCK, SIGUSR1);

    pthread_t thread = start(starts_unblocked, arguments);
    while (!stop) {
        must(kill(getpid(), SIGUSR1));
        for (volatile int i = 0; i < 3000; i++)
            ;
    }
    printf("a thread that signals come to: %ld wrong\n", unbox(join(thread)));

    stop = 0;
    change(SIG_BLOCK, SIGUSR2);
    thread = start(toggles, NULL);
    pthread_t second = start(toggles, NULL);
    printf("main, while others change their masks: %ld wrong\n", unbox(starts(arguments)));
    join(thread);
    join(second);
    return 0;
}
