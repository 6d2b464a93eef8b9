// The child of a fork finds the actions that its parent had installed, as they were installed.
#include "signals.h"
#include <sys/wait.h>

static volatile int seen;

static void plain(int number)
{
    seen = number;
}

static void full(int number, siginfo_t *info, void *context)
{
    seen = info->si_signo == number && context ? number : -1;
}

static void *nothing(void *unused)
{
    return unused;
}

static void say(int number, const char *name)
{
    struct sigaction action;
    must(sigaction(number, NULL, &action));
    const char *which = action.sa_handler == plain ? "plain" : action.sa_sigaction == full ? "full"
        : action.sa_handler == SIG_IGN ? "ignored" : action.sa_handler == SIG_DFL ? "default" : "unknown";
    printf("%s: %s, flags %x, blocks SIGUSR2: %s\n", name, which, action.sa_flags & ~0x04000000,
        yes(sigismember(&action.sa_mask, SIGUSR2)));
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = full, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};

    sigaddset(&action.sa_mask, SIGUSR2);
    must(sigaction(SIGUSR1, &action, NULL));
    join(start(nothing, NULL));
    signal(SIGWINCH, plain);
    signal(SIGPIPE, SIG_IGN);
    must(sigaction(SIGUSR2, &(struct sigaction){.sa_handler = plain, .sa_flags = SA_NODEFER | SA_RESETHAND}, NULL));
    fflush(stdout);
    if (must(fork()) == 0) {
        say(SIGUSR1, "SIGUSR1");
        say(SIGUSR2, "SIGUSR2");
        say(SIGPIPE, "SIGPIPE");
        say(SIGTERM, "SIGTERM");
        printf("signal: %s", yes(signal(SIGWINCH, SIG_DFL) == plain));
        printf(" %s\n", yes(signal(SIGWINCH, SIG_DFL) == SIG_DFL));
        raise(SIGUSR1);
        printf("handled: %s\n", yes(seen == SIGUSR1));
        raise(SIGUSR2);
        printf("handled: %s\n", yes(seen == SIGUSR2));
        say(SIGUSR2, "SIGUSR2");
        // With what it has read it restores.
        struct sigaction old;
        must(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = SIG_IGN}, &old));
        must(sigaction(SIGUSR1, &old, NULL));
        seen = 0;
        raise(SIGUSR1);
        printf("handled: %s\n", yes(seen == SIGUSR1));
        join(start(nothing, NULL));
        say(SIGUSR1, "SIGUSR1, with a thread");
        seen = 0;
        raise(SIGUSR1);
        printf("handled: %s\n", yes(seen == SIGUSR1));
        fflush(stdout);
        _exit(0);
    }
    must(wait(NULL));
    return 0;
}
