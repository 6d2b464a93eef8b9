// A worker reads signals of the process from a signalfd, and polls it, while others work; all threads block them.
#include "signals.h"
#include <sys/signalfd.h>

static int fd, ends[2];

static void *reads(void *unused)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    struct signalfd_siginfo infos[4];
    for (int i = 0; i < 6; i++) {
        if (i % 2)
            printf("poll: %s, ", answer(poll(&entry, 1, 30000)));
        ssize_t got = must(read(fd, infos, sizeof infos[0]));
        printf("read: %s, SIGRTMIN+%d, value %d, from us: %s\n", yes(got == sizeof infos[0]), (int)infos[0].ssi_signo - SIGRTMIN,
               infos[0].ssi_int, yes(infos[0].ssi_pid == (unsigned)getpid()));
        must(write(ends[1], "r", 1));
    }
    return unused;
}

static void *works(void *unused)
{
    for (int i = 0; i < 20; i++)
        usleep(500);
    return unused;
}

int main(void)
{
    struct signalfd_siginfo infos[4];
    sigset_t set = only(SIGRTMIN);
    char byte;
    sigaddset(&set, SIGRTMIN + 1);
    must(pipe(ends));
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    fd = must(signalfd(-1, &set, SFD_CLOEXEC));
    pthread_t reader = start(reads, NULL), worker = start(works, NULL);
    for (int i = 0; i < 6; i++) {
        if (i % 3)
            usleep(2000);
        must(sigqueue(getpid(), SIGRTMIN + i % 2, (union sigval){.sival_int = i}));
        must(read(ends[0], &byte, 1));
    }
    join(reader);
    join(worker);

    // Several with one read; then none, without waiting.
    for (int i = 0; i < 3; i++)
        must(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    printf("main reads: %ld\n", (long)(must(read(fd, infos, sizeof infos)) / sizeof infos[0]));
    int none = must(signalfd(-1, &set, SFD_NONBLOCK));
    printf("none: %s", answer(read(none, infos, sizeof infos)));
    printf(", too short: %s\n", answer(read(none, infos, 10)));
    return 0;
}
