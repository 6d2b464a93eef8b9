// Half-closed connections, each way, TCP and Unix: what can still be read and sent, what poll says, who is woken; shutdown's errors.
#include "../fixture.h"
#include "calls.h"

static int ends[2], turn[2];

static void tell(const char *what, int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
    must(poll(&entry, 1, 0));
    printf("%s:%s%s%s%s%s\n", what, entry.revents & POLLIN ? " in" : "", entry.revents & POLLOUT ? " out" : "",
           entry.revents & POLLRDHUP ? " rdhup" : "", entry.revents & POLLHUP ? " hup" : "", entry.revents & POLLERR ? " err" : "");
}

static void *reads_to_the_end(void *unused)
{
    char b[16];
    long all = 0, n;
    must(write(turn[1], "x", 1));
    while ((n = must(recv(ends[1], b, sizeof b, 0))) > 0)
        all += n;
    (void)unused;
    return box(all);
}

static void *sends_much(void *unused)
{
    static char much[8 << 20];
    must(write(turn[1], "x", 1));
    long n = send(ends[0], much, sizeof much, MSG_NOSIGNAL);
    printf("a send, shut down in the middle: a part %s", yes(n > 0 && n < (long)sizeof much));
    // A signal may have ended it before the end was shut: then there's more to send.
    while ((n = send(ends[0], much, sizeof much, MSG_NOSIGNAL)) > 0)
        ;
    printf(", then %s\n", error_name(errno));
    return unused;
}

static void *works(void *kind)
{
    char b[16];
    const char *name = kind;
    printf("%s\n", name);
    must(send(ends[0], "last", 4, 0));
    SHOW(shutdown(ends[0], SHUT_WR));
    SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
    SHOW(sendmsg(ends[0], &(struct msghdr){0}, MSG_NOSIGNAL));
    SHOW(shutdown(ends[0], SHUT_WR));
    SHOW(recv(ends[1], b, sizeof b, 0));
    SHOW(recv(ends[1], b, sizeof b, 0));
    SHOW(recv(ends[1], b, sizeof b, MSG_PEEK));
    SHOW(recv(ends[1], b, sizeof b, MSG_DONTWAIT));
    tell("its own", ends[0]);
    tell("the other's", ends[1]);
    must(send(ends[1], "back", 4, 0));
    SHOW(recv(ends[0], b, sizeof b, MSG_WAITALL | MSG_DONTWAIT));
    // Nothing is read any more after SHUT_RD: what's there is, natively, still given.
    SHOW(shutdown(ends[0], SHUT_RD));
    SHOW(recv(ends[0], b, sizeof b, 0));
    tell("both shut", ends[0]);
    SHOW(shutdown(ends[0], SHUT_RDWR));
    SHOW(read(ends[0], b, 1));
    SHOW(shutdown(ends[0], 5));
    return NULL;
}

static void *asks(void *unused)
{
    int fresh = must(socket(AF_INET, SOCK_STREAM, 0)), udp = must(socket(AF_INET, SOCK_DGRAM, 0)), pipes[2], pair[2];
    must(pipe(pipes));
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    SHOW(shutdown(fresh, SHUT_WR));
    SHOW(shutdown(udp, SHUT_WR));
    SHOW(shutdown(pipes[1], SHUT_WR));
    SHOW(shutdown(9999, SHUT_WR));
    SHOW(shutdown(pair[0], SHUT_WR));
    SHOW(send(pair[0], "x", 1, MSG_NOSIGNAL));
    SHOW(shutdown(pair[1], SHUT_RD));
    SHOW(recv(pair[1], (char[1]){0}, 1, 0));
    SHOW(send(pair[0], "x", 1, MSG_NOSIGNAL));
    return unused;
}

int main(void)
{
    must(pipe(turn));
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        join(start(works, tcp ? "tcp" : "unix"));
        close(ends[0]);
        close(ends[1]);

        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        pthread_t thread = start(reads_to_the_end, NULL);
        must(read(turn[0], &(char){0}, 1));
        let_it_block();
        must(send(ends[0], "to the end", 10, 0));
        must(shutdown(ends[0], SHUT_WR));
        printf("read to the end: %ld,", unbox(join(thread)));
        printf(" and back: %s\n", answer(send(ends[1], "ok", 2, 0)));
        close(ends[0]);
        close(ends[1]);

        if (tcp)
            tcp_pair(ends);
        else
            stream_pair(ends);
        thread = start(sends_much, NULL);
        must(read(turn[0], &(char){0}, 1));
        must(recv(ends[1], (char[1]){0}, 1, 0));
        let_it_block();
        must(shutdown(ends[0], SHUT_WR));
        join(thread);
        close(ends[0]);
        close(ends[1]);
    }
    join(start(asks, NULL));
    return 0;
}
