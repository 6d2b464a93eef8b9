// What a thread execs inherits exactly the fds that the program meant it to, none of anybody else's.
#include "../sockets/net.h"
#include <sys/wait.h>
static void *idle(void *arg) {
    char byte;
    return (void *)(long)read((int)(long)arg, &byte, 1);
}

// In the exec'd program: which fds are there?
static int list(void) {
    printf("open:");
    for (int fd = 0; fd < 20000; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    printf("\n");
    return 0;
}

static char *own_name;

static void *runner(void *unused) {
    (void)unused;
    int status;
    fflush(stdout);
    pid_t child = MUST(fork());
    if (child == 0) {
        execl(own_name, own_name, "list", (char *)NULL);
        _exit(127);
    }
    MUST(waitpid(child, &status, 0));
    printf("status %d\n", status);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc > 1)
        return list();
    own_name = argv[0];
    // Nothing that the one who started us left open.
    for (int fd = 3; fd < 20000; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    int hidden[2], plain = MUST(fcntl(0, F_DUPFD, 50)), quiet = MUST(fcntl(0, F_DUPFD_CLOEXEC, 60));
    MUST(pipe2(hidden, O_CLOEXEC));
    pthread_t waiting = start(idle, (void *)(long)hidden[0]);
    finish(start(runner, NULL));
    // And from main.
    runner(NULL);
    write_all(hidden[1], "x", 1);
    finish(waiting);
    close(plain);
    close(quiet);
    return 0;
}
