// What the signal fixtures share: masks, handlers, and the places where a thread can be when a signal comes.
#ifndef SIGNALS_H
#define SIGNALS_H
#include "fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static inline sigset_t only(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

static inline void block(int number)
{
    sigset_t set = only(number);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
}

static inline void unblock(int number)
{
    sigset_t set = only(number);
    zero(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
}

static inline int is_blocked(int number)
{
    sigset_t set;
    zero(pthread_sigmask(SIG_BLOCK, NULL, &set));
    return sigismember(&set, number);
}

static inline int is_pending(int number)
{
    sigset_t set;
    must(sigpending(&set));
    return sigismember(&set, number);
}

// Installs a handler that no other signal interrupts.
static inline void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigfillset(&action.sa_mask);
    must(sigaction(number, &action, NULL));
}

#endif
