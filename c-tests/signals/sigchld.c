// SIGCHLD is the program's: with a handler, it runs once per child that ends; waitpid on another thread meanwhile gets the status.
// Ignored, children leave no status; with the default nothing is disturbed.
#include "signals.h"
#include <sys/wait.h>

enum { CHILDREN = 8 };
static atomic_int count, last;
static int ends[2];

static void handler(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    (void)context;
    if (number == SIGCHLD && info->si_code == CLD_EXITED) {
        last = info->si_pid;
        count++;
    }
    errno = saved;
}

static void *waits(void *child)
{
    int status = 0;
    if (must(waitpid((pid_t)unbox(child), &status, 0)) != unbox(child))
        die("another child");
    return box(WEXITSTATUS(status));
}

static pid_t make_child(int status)
{
    pid_t child = must(fork());
    if (child == 0) {
        char byte;
        if (read(ends[0], &byte, 1) != 1)
            _exit(99);
        _exit(status);
    }
    return child;
}

// One child after the other, so that no two signals merge.
static void *has_children(void *who)
{
    long right = 0;
    for (int i = 0; i < CHILDREN; i++) {
        int before = count;
        pid_t child = make_child(10 + i);
        pthread_t waiter = start(waits, box(child));
        must(write(ends[1], "x", 1));
        right += unbox(join(waiter)) == 10 + i;
        while (count == before)
            usleep(500);
        right += last == child;
    }
    printf("%s: %ld of %d\n", (char *)who, right, 2 * CHILDREN);
    return NULL;
}

int main(void)
{
    struct sigaction old;
    must(pipe(ends));
    must(sigaction(SIGCHLD, NULL, &old));
    printf("before: default %s\n", yes(old.sa_handler == SIG_DFL));
    pid_t child = make_child(0);
    must(write(ends[1], "x", 1));
    join(start(waits, box(child)));
    must(sigaction(SIGCHLD, NULL, &old));
    printf("with threads: default %s\n", yes(old.sa_handler == SIG_DFL));

    handle(SIGCHLD, handler, SA_RESTART | SA_NOCLDSTOP);
    has_children("main's children");
    join(start(has_children, "a worker's children"));
    printf("handled once each: %s\n", yes(count == 2 * CHILDREN));

    signal(SIGCHLD, SIG_IGN);
    child = make_child(3);
    must(write(ends[1], "x", 1));
    printf("ignored: %s\n", answer(waitpid(child, NULL, 0)));
    return 0;
}
