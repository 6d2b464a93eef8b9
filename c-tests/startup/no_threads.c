// A program without threads does sockets, pipes, poll, fork, sleep and stdio, and is left alone.
// green: none
#include "../sockets/net.h"
#include <poll.h>
#include <sys/wait.h>
int main(void) {
    int p[2], s[2], status;
    char b[8] = "";
    MUST(pipe(p));
    pid_t child = MUST(fork());
    if (child == 0) {
        usleep(1000);
        write_all(p[1], "child", 5);
        _exit(4);
    }
    struct pollfd set = {.fd = p[0], .events = POLLIN};
    printf("poll: %d\n", poll(&set, 1, -1));
    read_full(p[0], b, 5);
    MUST(waitpid(child, &status, 0));
    printf("%s, status %d\n", b, WEXITSTATUS(status));
    tcp_pair(s);
    write_all(s[0], "tcp", 4);
    read_full(s[1], b, 4);
    printf("%s, flags %d\n", b, !!(fcntl(s[1], F_GETFL) & O_NONBLOCK));
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    printf("trylock: %s\n", strerrorname_np(pthread_mutex_trylock(&lock)));
    pthread_mutex_unlock(&lock);
    return 0;
}
