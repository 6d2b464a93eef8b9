// A signal interrupts main's connect, which the listener's full queue keeps waiting: EINTR. The connection is under way all the
// same; connect again waits for it, and once more says that it is there.
#include "net.h"
#include <signal.h>
#include <stdatomic.h>
static atomic_int seen;

static void handler(int signal) {
    (void)signal;
}

static void *sender(void *unused) {
    (void)unused;
    while (!seen) {
        usleep(20000);
        kill(getpid(), SIGUSR1);
    }
    return NULL;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    char byte = 0;
    MUST(sigaction(SIGUSR1, &action, NULL));
    int door = bound(SOCK_STREAM);
    MUST(listen(door, 0)); // room for one
    struct sockaddr_in a = loopback(port_of(door));
    int first = connected(port_of(door)), fd = MUST(socket(AF_INET, SOCK_STREAM, 0));

    pthread_t thread = start(sender, NULL);
    printf("connect: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    seen = 1;
    finish(thread);

    close(MUST(accept(door, NULL, NULL)));
    close(first);
    printf("again: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    printf("once more: %s\n", answer(connect(fd, (struct sockaddr *)&a, sizeof a)));
    int other = MUST(accept(door, NULL, NULL));
    write_all(fd, "x", 1);
    read_full(other, &byte, 1);
    printf("sent: %c\n", byte);
    return 0;
}
