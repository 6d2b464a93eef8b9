// connect to a TCP listener whose queue is full: SO_SNDTIMEO gives EINPROGRESS and then EALREADY, TCP_USER_TIMEOUT
// ETIMEDOUT, O_NONBLOCK EINPROGRESS at once.
#include "../fixture.h"
#include "calls.h"
#include <netinet/tcp.h>

static struct sockaddr_in address;
static int door;

static int fresh(void)
{
    return must(socket(AF_INET, SOCK_STREAM, 0));
}

static void *asks(void *unused)
{
    struct timeval limit = {0, 60000};
    unsigned user = 100;
    int slow = fresh(), given_up = fresh(), own = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    struct sockaddr *const to = (struct sockaddr *)&address;
    must(setsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    double begin = now_ms();
    printf("SO_SNDTIMEO: %s", answer(connect(slow, to, sizeof address)));
    printf(", took 60 ms: %s", yes(now_ms() - begin >= 59));
    printf(", again: %s\n", answer(connect(slow, to, sizeof address)));
    printf("send meanwhile: %s", answer(send(slow, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT)));
    printf(", recv: %s\n", answer(recv(slow, &(char){0}, 1, MSG_DONTWAIT)));
    printf("O_NONBLOCK: %s", answer(connect(own, to, sizeof address)));
    printf(", again: %s\n", answer(connect(own, to, sizeof address)));
    must(setsockopt(given_up, IPPROTO_TCP, TCP_USER_TIMEOUT, &user, sizeof user));
    begin = now_ms();
    printf("TCP_USER_TIMEOUT: %s", answer(connect(given_up, to, sizeof address)));
    printf(", took 100 ms: %s", yes(now_ms() - begin >= 99));
    int error = -1;
    socklen_t size = sizeof error;
    must(getsockopt(given_up, SOL_SOCKET, SO_ERROR, &error, &size));
    printf(", SO_ERROR: %s\n", error_name(error));
    close(own);
    close(slow);
    return unused;
}

int main(void)
{
    door = listen_loopback(0, &address); // room for one
    int first = connect_to(&address);
    join(start(asks, NULL));
    close(first);
    return 0;
}
