// Of signalfd: a thread waits in read for signals of the process; several at once; a mask that's changed while one waits; what's refused.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/signalfd.h>

static int fd, turn[2];

static void *waits(void *unused)
{
    struct signalfd_siginfo info;
    for (int i = 0; i < 3; i++) {
        must(write(turn[1], "x", 1));
        ssize_t n = must(read(fd, &info, sizeof info));
        printf("whole %s, signal %s, from us %s\n", yes(n == sizeof info),
               info.ssi_signo == SIGUSR1 ? "SIGUSR1" : info.ssi_signo == SIGUSR2 ? "SIGUSR2" : "?", yes(info.ssi_pid == (unsigned)getpid()));
    }
    return unused;
}

static void *asks(void *unused)
{
    struct signalfd_siginfo infos[4];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    int own = must(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    SHOW(read(own, infos, sizeof infos));
    SHOW(read(own, infos, 100));
    SHOW(write(own, infos, 8));
    SHOW(signalfd(-1, &set, 0x7));
    SHOW(signalfd(0, &set, 0));
    SHOW(signalfd(9999, &set, 0));
    must(kill(getpid(), SIGUSR2));
    must(kill(getpid(), SIGUSR1));
    must(kill(getpid(), SIGUSR1)); // is one with the last
    struct pollfd entry = {.fd = own, .events = POLLIN};
    printf("poll: %s", answer(poll(&entry, 1, 30000)));
    ssize_t n = read(own, infos, sizeof infos);
    printf(", two at once: %s, in order %s\n", yes(n == 2 * (ssize_t)sizeof *infos),
           yes(infos[0].ssi_signo == SIGUSR1 && infos[1].ssi_signo == SIGUSR2));
    SHOW(read(own, infos, sizeof infos));
    close(own);
    return unused;
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

int main(void)
{
    sigset_t both, one;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    one = both;
    sigaddset(&both, SIGUSR2);
    zero(pthread_sigmask(SIG_BLOCK, &both, NULL));
    must(pipe(turn));
    join(start(asks, NULL));
    fd = must(signalfd(-1, &one, 0));
    pthread_t thread = start(waits, NULL);
    next();
    must(kill(getpid(), SIGUSR1));
    next();
    must(kill(getpid(), SIGUSR2)); // it doesn't want this one, until the mask says so
    let_it_block();
    must(kill(getpid(), SIGUSR1));
    next();
    int same = must(signalfd(fd, &both, 0));
    join(thread);
    printf("the mask is changed in place: %s\n", yes(same == fd));
    return 0;
}
