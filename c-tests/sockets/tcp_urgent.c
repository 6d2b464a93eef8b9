// Out-of-band data: the mark, MSG_OOB, SO_OOBINLINE, POLLPRI, SIGURG for whoever F_SETOWN names; and its errors.
#include "../fixture.h"
#include "calls.h"
#include <stdatomic.h>

static int ends[2], turn[2];

static void wait_for_urgent(void)
{
    struct pollfd entry = {.fd = ends[0], .events = POLLPRI};
    printf("poll: %s", answer(poll(&entry, 1, 30000)));
    printf(", urgent %s\n", yes(entry.revents & POLLPRI));
}

static void *reads(void *unused)
{
    char b[16] = "";
    SHOW(recv(ends[0], b, 1, MSG_OOB));
    printf("at the mark: %s\n", answer(sockatmark(ends[0])));
    must(write(turn[1], "x", 1));
    wait_for_urgent();
    printf("at the mark: %s\n", answer(sockatmark(ends[0])));
    SHOW(recv(ends[0], b, sizeof b, MSG_OOB | MSG_PEEK));
    printf("the urgent one: %s", answer(recv(ends[0], b, sizeof b, MSG_OOB)));
    printf(" %c, again: %s\n", *b, answer(recv(ends[0], b, sizeof b, MSG_OOB)));
    // A read stops at the mark.
    printf("before the mark: %s", answer(recv(ends[0], b, sizeof b, 0)));
    printf(" %.3s, at it: %s", b, answer(sockatmark(ends[0])));
    printf(", after it: %s", answer(recv(ends[0], b, sizeof b, 0)));
    printf(" %.3s\n", b);
    int on = 1;
    must(setsockopt(ends[0], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
    must(write(turn[1], "x", 1));
    wait_for_urgent();
    SHOW(recv(ends[0], b, sizeof b, MSG_OOB));
    printf("in line, before: %s", answer(read(ends[0], b, sizeof b)));
    printf(", at the mark: %s", answer(sockatmark(ends[0])));
    must(write(turn[1], "x", 1));
    // The urgent byte comes first, and perhaps what follows it.
    printf(", it and the rest: %s", answer(recv(ends[0], b, 4, MSG_WAITALL)));
    printf(" %.4s\n", b);
    return unused;
}

static void *waits_for_signal(void *unused)
{
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    must(write(turn[1], "x", 1));
    zero(sigwait(&set, &signal));
    printf("signal: %s\n", signal == SIGURG ? "SIGURG" : "?");
    return unused;
}

static void *asks(void *unused)
{
    int udp[2], pair[2], pipes[2], door, fresh = must(socket(AF_INET, SOCK_STREAM, 0));
    char b[8];
    struct sockaddr_in address;
    udp_pair(udp);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    must(pipe(pipes));
    door = listen_loopback(1, &address);
    SHOW(recv(udp[0], b, 1, MSG_OOB | MSG_DONTWAIT));
    SHOW(recv(pair[0], b, 1, MSG_OOB));
    SHOW(send(pair[0], b, 1, MSG_OOB));
    SHOW(recv(fresh, b, 1, MSG_OOB));
    SHOW(recv(door, b, 1, MSG_OOB));
    SHOW(send(fresh, b, 1, MSG_OOB | MSG_NOSIGNAL));
    SHOW(sockatmark(fresh));
    SHOW(sockatmark(9999));
    SHOW(sockatmark(pipes[0]));
    SHOW(recv(pipes[0], b, 1, MSG_OOB));
    return unused;
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    must(pipe(turn));
    tcp_pair(ends);
    pthread_t thread = start(reads, NULL);
    next();
    must(send(ends[1], "abcU", 4, MSG_OOB));
    must(send(ends[1], "def", 3, 0));
    next();
    must(send(ends[1], "ghiV", 4, MSG_OOB));
    next();
    must(send(ends[1], "jkl", 3, 0));
    join(thread);

    must(fcntl(ends[0], F_SETOWN, getpid()));
    printf("F_GETOWN: us %s\n", yes(fcntl(ends[0], F_GETOWN) == getpid()));
    thread = start(waits_for_signal, NULL);
    next();
    must(send(ends[1], "!", 1, MSG_OOB));
    join(thread);
    join(start(asks, NULL));
    return 0;
}
