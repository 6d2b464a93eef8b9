// Children of threads fork again, and their threads too: three generations, each waits for its own, statuses add up.
#include "../sockets/net.h"
#include <sys/wait.h>
static void *generation(void *arg) {
    long depth = (long)arg;
    int status, sum = 1;
    pid_t child = MUST(fork());
    if (child == 0) {
        if (depth > 1)
            _exit((int)finish(start(generation, (void *)(depth - 1))));
        usleep(1000);
        _exit(1);
    }
    MUST(waitpid(child, &status, 0));
    sum += WIFEXITED(status) ? WEXITSTATUS(status) : 100;
    return (void *)(long)sum;
}

int main(void) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = start(generation, (void *)3L);
    for (int i = 0; i < 3; i++)
        printf("generations: %ld\n", finish(threads[i]));
    return 0;
}
