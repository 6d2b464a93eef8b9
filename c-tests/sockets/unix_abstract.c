// Abstract and automatic Unix addresses: threads listen, connect and send there; who's there is told; taken, missing, wrong kind.
#include "../fixture.h"
#include "calls.h"

static int door;

static void *serves(void *unused)
{
    char b[16] = "";
    struct sockaddr_un from;
    socklen_t size = sizeof from;
    int fd = must(accept(door, (struct sockaddr *)&from, &size));
    printf("accepted, from an address of %d bytes", (int)size);
    long n = must(read(fd, b, sizeof b));
    size = sizeof from;
    must(getpeername(fd, (struct sockaddr *)&from, &size));
    printf(", read %ld %s, the peer's of %d\n", n, b, (int)size);
    write_all(fd, "ok", 2);
    close(fd);
    return unused;
}

static void *answers(void *arg)
{
    char b[16];
    struct sockaddr_un from;
    socklen_t size = sizeof from;
    int fd = (int)unbox(arg);
    long n = must(recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&from, &size));
    printf("datagram of %ld from an automatic address %s, of %d bytes\n", n, yes(from.sun_path[0] == 0), (int)size);
    must(sendto(fd, b, n, 0, (struct sockaddr *)&from, size));
    // Without an address of its own nobody can be answered.
    size = sizeof from;
    n = must(recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&from, &size));
    printf("datagram of %ld from an address of %d bytes\n", n, (int)size);
    return NULL;
}

int main(void)
{
    socklen_t length, other_length;
    char b[16];
    struct sockaddr_un address = unix_address("@stream", &length), other = unix_address("@dgram", &other_length);
    door = must(socket(AF_UNIX, SOCK_STREAM, 0));
    must(bind(door, (struct sockaddr *)&address, length));
    must(listen(door, 5));
    pthread_t thread = start(serves, NULL);
    int fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
    must(connect(fd, (struct sockaddr *)&address, length));
    write_all(fd, "hello", 5);
    printf("answer: %zu\n", read_all(fd, b, 3));
    join(thread);
    int rival = must(socket(AF_UNIX, SOCK_STREAM, 0)), wrong = must(socket(AF_UNIX, SOCK_DGRAM, 0));
    SHOW(bind(rival, (struct sockaddr *)&address, length));
    SHOW(connect(wrong, (struct sockaddr *)&address, length));
    SHOW(connect(rival, (struct sockaddr *)&address, length - 1));
    close(door);
    SHOW(connect(rival, (struct sockaddr *)&address, length));
    SHOW(bind(rival, (struct sockaddr *)&address, length));
    SHOW(connect(fd, (struct sockaddr *)&address, length));
    SHOW(connect(rival, (struct sockaddr *)&address, 1));
    SHOW(connect(rival, (struct sockaddr *)&address, 200));

    int in = must(socket(AF_UNIX, SOCK_DGRAM, 0)), out = must(socket(AF_UNIX, SOCK_DGRAM, 0)), nameless = must(socket(AF_UNIX, SOCK_DGRAM, 0));
    must(bind(in, (struct sockaddr *)&other, other_length));
    must(bind(out, (struct sockaddr *)&(struct sockaddr_un){.sun_family = AF_UNIX}, sizeof(sa_family_t)));
    thread = start(answers, box(in));
    must(sendto(out, "question", 8, 0, (struct sockaddr *)&other, other_length));
    printf("answered: %s\n", answer(recv(out, b, sizeof b, 0)));
    must(sendto(nameless, "who", 3, 0, (struct sockaddr *)&other, other_length));
    join(thread);
    close(in);
    SHOW(sendto(out, "question", 8, 0, (struct sockaddr *)&other, other_length));
    SHOW(sendto(out, "question", 8, 0, NULL, 0));
    SHOW(listen(out, 5));
    SHOW(accept(out, NULL, NULL));
    return 0;
}
