// Two hundred children end at once. Threads wait for them: each for its own; then a few for any, until there are none left.
#include "fixture.h"
#include <sys/wait.h>

enum { MANY = 200, FEW = 8 };

static int line[2];
static pid_t children[MANY];
static int seen[MANY];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Children that end with their number's last bits, when the line is closed.
static void start_children(void)
{
    must(pipe(line));
    for (int i = 0; i < MANY; i++) {
        children[i] = must(fork());
        if (children[i] == 0) {
            char byte;
            close(line[1]);
            _exit(read(line[0], &byte, 1) == 0 ? i % 100 : 100);
        }
    }
    close(line[0]);
}

static void *waits_for_one(void *number)
{
    int status = -1;
    pid_t child = children[unbox(number)];
    return box(waitpid(child, &status, 0) == child && status == unbox(number) % 100 << 8);
}

static void *waits_for_any(void *kind)
{
    long count = 0;
    for (;;) {
        int status = -1;
        siginfo_t info;
        pid_t child;
        switch (unbox(kind) % 4) {
        case 0: child = wait(&status); break;
        case 1: child = waitpid(-1, &status, 0); break;
        case 2: child = wait3(&status, 0, NULL); break;
        default:
            child = waitid(P_ALL, 0, &info, WEXITED);
            if (child == 0) {
                child = info.si_pid;
                status = info.si_status << 8;
            }
        }
        if (child == -1)
            return box(errno == ECHILD ? count : -1000);
        pthread_mutex_lock(&lock);
        for (int i = 0; i < MANY; i++)
            seen[i] += children[i] == child && status == i % 100 << 8;
        pthread_mutex_unlock(&lock);
        count++;
    }
}

int main(void)
{
    pthread_t threads[MANY];
    long good = 0, once = 0;

    start_children();
    for (int i = 0; i < MANY; i++)
        threads[i] = start_small(waits_for_one, box(i));
    close(line[1]);
    for (int i = 0; i < MANY; i++)
        good += unbox(join(threads[i]));
    printf("each its own: %ld\n", good);

    start_children();
    for (int i = 0; i < FEW; i++)
        threads[i] = start_small(waits_for_any, box(i));
    close(line[1]);
    good = 0;
    for (int i = 0; i < FEW; i++)
        good += unbox(join(threads[i]));
    for (int i = 0; i < MANY; i++)
        once += seen[i] == 1;
    printf("any: %ld, each once: %ld\n", good, once);
    printf("no more: %s\n", answer(wait(NULL)));
    return 0;
}
