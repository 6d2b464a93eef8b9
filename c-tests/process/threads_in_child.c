// The child of a thread starts threads of its own, which sleep, lock and talk through pipes; joins them; and exits.
#include "../sockets/net.h"
#include <sys/wait.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total, line[2];

static void *worker(void *arg) {
    int value = (int)(long)arg;
    usleep(1000);
    pthread_mutex_lock(&lock);
    total += value;
    pthread_mutex_unlock(&lock);
    write_all(line[1], &value, sizeof value);
    return NULL;
}

static int work(void) {
    pthread_t threads[10];
    int value, sum = 0;
    MUST(pipe(line));
    for (long i = 0; i < 10; i++)
        threads[i] = start(worker, (void *)i);
    for (int i = 0; i < 10; i++) {
        read_full(line[0], &value, sizeof value);
        sum += value;
    }
    for (int i = 0; i < 10; i++)
        finish(threads[i]);
    return total == 45 && sum == 45 ? 33 : 1;
}

static void *forker(void *unused) {
    (void)unused;
    int status;
    pid_t child = MUST(fork());
    if (child == 0)
        exit(work());
    MUST(waitpid(child, &status, 0));
    printf("child's status: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return NULL;
}

int main(void) {
    finish(start(forker, NULL));
    printf("parent's own: %d\n", work());
    return 0;
}
