// A listener with a timeout: a TCP socket that comes out of accept has it too, a Unix one hasn't.
#include "../fixture.h"
#include <netinet/in.h>
#include <sys/un.h>

struct where {
    struct sockaddr_storage address;
    socklen_t length;
};

static void *client(void *arg)
{
    struct where *where = arg;
    int fd = must(socket(where->address.ss_family, SOCK_STREAM, 0));
    must(connect(fd, (struct sockaddr *)&where->address, where->length));
    usleep(300000);
    // The other side may be gone by now.
    send(fd, "hi", 2, MSG_NOSIGNAL);
    return NULL;
}

static void try(const char *name, struct where *where)
{
    struct timeval timeout = {0, 100000}, got;
    socklen_t length = sizeof got;
    char bytes[8];
    int listener = must(socket(where->address.ss_family, SOCK_STREAM, 0));

    must(bind(listener, (struct sockaddr *)&where->address, where->length));
    must(listen(listener, 5));
    where->length = sizeof where->address;
    must(getsockname(listener, (struct sockaddr *)&where->address, &where->length));
    must(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
    printf("%s, accept: %s\n", name, answer(accept(listener, NULL, NULL)));
    pthread_t thread = start(client, where);
    int fd = must(accept(listener, NULL, NULL));
    double began = now_ms();
    must(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &got, &length));
    const char *received = answer(recv(fd, bytes, sizeof bytes, 0));
    printf("%s: it has %ld us; recv: %s, %s\n", name, (long)got.tv_usec, received, now_ms() - began < 250 ? "soon" : "late");
    join(thread);
}

int main(void)
{
    struct where unix_ = {.length = sizeof(sa_family_t)}, tcp = {.length = sizeof(struct sockaddr_in)};
    unix_.address.ss_family = AF_UNIX;
    struct sockaddr_in *in = (struct sockaddr_in *)&tcp.address;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    try("unix", &unix_);
    try("tcp", &tcp);
    return 0;
}
