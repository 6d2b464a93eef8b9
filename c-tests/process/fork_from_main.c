// main forks while threads are alive, waiting and busy; the child has only itself; the threads go on in the parent.
#include "../sockets/net.h"
#include <sys/wait.h>
static int to[2], from[2];

static void *echo(void *unused) {
    (void)unused;
    int value;
    while (read_full(to[0], &value, sizeof value) == sizeof value) {
        value++;
        write_all(from[1], &value, sizeof value);
    }
    return NULL;
}

static int ask(int value) {
    write_all(to[1], &value, sizeof value);
    read_full(from[0], &value, sizeof value);
    return value;
}

int main(void) {
    MUST(pipe2(to, O_CLOEXEC));
    MUST(pipe(from));
    pthread_t thread = start(echo, NULL);
    int sum = ask(1);
    for (int i = 0; i < 5; i++) {
        int status;
        pid_t child = MUST(fork());
        if (child == 0) {
            // The echo thread is not here: what we write stays in a pipe of our own.
            int own[2];
            char b[6] = "";
            MUST(pipe(own));
            write_all(own[1], "child", 5);
            read_full(own[0], b, 5);
            usleep(500);
            _exit(strcmp(b, "child") ? 1 : 10 + i);
        }
        sum += ask(10);
        MUST(waitpid(child, &status, 0));
        printf("child %d: %d\n", i, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    }
    close(to[1]);
    finish(thread);
    printf("sum %d\n", sum);
    return 0;
}
