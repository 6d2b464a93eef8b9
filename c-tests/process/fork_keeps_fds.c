// A connection accepted by a thread is served by a forked child, as old servers do; the parent's threads go on serving.
#include "../sockets/net.h"
#include <sys/wait.h>
enum { CLIENTS = 10, MESSAGES = 5 };
static int door;

static void *client(void *arg) {
    int id = (int)(long)arg, back = -1;
    int fd = connected(port_of(door));
    for (int i = 0; i < MESSAGES; i++) {
        write_all(fd, &id, sizeof id);
        read_full(fd, &back, sizeof back);
        if (back != id + i)
            return NULL;
    }
    close(fd);
    return (void *)1L;
}

// Every message comes back, with the number of messages before it added. (Nobody waits for the end of a
// stream here: children of other threads may have a copy of the fd.)
static void serve(int fd) {
    int value;
    for (int count = 0; count < MESSAGES; count++) {
        read_full(fd, &value, sizeof value);
        value += count;
        write_all(fd, &value, sizeof value);
    }
    close(fd);
}

static void *server(void *arg) {
    int fd = (int)(long)arg, status = 0;
    if (fd % 2) {
        serve(fd);
        return (void *)1L;
    }
    pid_t child = MUST(fork());
    if (child == 0) {
        serve(fd);
        _exit(6);
    }
    close(fd);
    MUST(waitpid(child, &status, 0));
    return (void *)(long)(WIFEXITED(status) && WEXITSTATUS(status) == 6);
}

int main(void) {
    pthread_t clients[CLIENTS], servers[CLIENTS];
    door = listening(CLIENTS);
    for (long i = 0; i < CLIENTS; i++)
        clients[i] = start(client, (void *)i);
    for (int i = 0; i < CLIENTS; i++)
        servers[i] = start(server, (void *)MUST(accept4(door, NULL, NULL, SOCK_CLOEXEC)));
    long good = 0, served = 0;
    for (int i = 0; i < CLIENTS; i++) {
        good += finish(clients[i]);
        served += finish(servers[i]);
    }
    printf("clients right %ld, served %ld\n", good, served);
    return 0;
}
