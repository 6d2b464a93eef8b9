// Threads fork and exec /bin/echo, and read its output through a pipe, and wait for it, as CGI servers do.
#include "../sockets/net.h"
#include <sys/wait.h>
enum { THREADS = 8 };

static void *runner(void *arg) {
    int out[2], status = -1;
    char text[16], got[64] = "", expected[32];
    snprintf(text, sizeof text, "job %ld", (long)arg);
    snprintf(expected, sizeof expected, "%s done\n", text);
    MUST(pipe2(out, O_CLOEXEC));
    pid_t child = MUST(fork());
    if (child == 0) {
        dup2(out[1], 1);
        execl("/bin/echo", "echo", text, "done", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    read_full(out[0], got, sizeof got - 1);
    close(out[0]);
    pid_t who = MUST(waitpid(child, &status, 0));
    return (void *)(long)(who == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && !strcmp(got, expected));
}

int main(void) {
    pthread_t threads[THREADS];
    long good = 0;
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(runner, (void *)i);
    for (int i = 0; i < THREADS; i++)
        good += finish(threads[i]);
    printf("children right: %ld\n", good);
    return 0;
}
