// A thread forks; the child, without exec, computes, uses pipes, malloc and stdio, and leaves by _exit(5).
#include "../sockets/net.h"
#include <sys/wait.h>
static __thread int mine = 1;

static void *forker(void *unused) {
    (void)unused;
    int up[2], down[2], status, value = 20, answer_value = 0;
    mine = 7;
    MUST(pipe(up));
    MUST(pipe(down));
    pid_t child = MUST(fork());
    if (child == 0) {
        close(up[1]);
        close(down[0]);
        char *text = malloc(1000);
        read_full(up[0], &value, sizeof value);
        value = value * 2 + mine;
        snprintf(text, 1000, "%d", value);
        value = atoi(text);
        free(text);
        usleep(1000);
        write_all(down[1], &value, sizeof value);
        _exit(5);
    }
    close(up[0]);
    close(down[1]);
    write_all(up[1], &value, sizeof value);
    read_full(down[0], &answer_value, sizeof answer_value);
    MUST(waitpid(child, &status, 0));
    printf("child says %d, status %d\n", answer_value, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    printf("its end of the pipe is closed: %s\n", answer(read(down[0], &value, sizeof value)));
    return NULL;
}

int main(void) {
    for (int i = 0; i < 3; i++)
        finish(start(forker, NULL));
    return 0;
}
