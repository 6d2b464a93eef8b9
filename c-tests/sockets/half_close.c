// Half-close: the client ends its side, the server reads to the end, then answers on the side still open.
#include "net.h"
enum { SIZE = 100000 };
static int door;

static void *server(void *unused) {
    (void)unused;
    int fd = MUST(accept(door, NULL, NULL));
    unsigned char buffer[4000];
    long n, total = 0, wrong = 0;
    while ((n = MUST(recv(fd, buffer, sizeof buffer, 0))) > 0) {
        for (long i = 0; i < n; i++)
            wrong += buffer[i] != byte_at(total + i, 6);
        total += n;
    }
    printf("server: %ld bytes, wrong %ld\n", total, wrong);
    printf("server at the end again: %s\n", answer(read(fd, buffer, 1)));
    unsigned char *reply = malloc(SIZE);
    fill(reply, SIZE, 7);
    write_all(fd, reply, SIZE);
    free(reply);
    close(fd);
    return NULL;
}

int main(void) {
    static unsigned char data[SIZE];
    door = listening(1);
    pthread_t thread = start(server, NULL);
    int fd = connected(port_of(door));
    fill(data, SIZE, 6);
    write_all(fd, data, SIZE);
    MUST(shutdown(fd, SHUT_WR));
    long sent = send(fd, "x", 1, MSG_NOSIGNAL);
    const char *text = answer(sent);
    size_t n = read_full(fd, data, SIZE);
    char more;
    long end = read(fd, &more, 1);
    finish(thread);
    printf("client: send after its end %s, reply %zu, wrong %zu, end %ld\n", text, n, wrong_bytes(data, n, 7), end);
    return 0;
}
