// A lock that is a pipe with one byte in it, as libuv has for its signal handler: whoever reads the byte has the lock, and writes it
// back. Threads take it with all signals blocked, a SIGCHLD handler takes it too, and children are made and end meanwhile.
#include "../fixture.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { THREADS = 3, ROUNDS = 300, CHILDREN = 25 };

static int token[2], told[2];
static _Atomic int inside, overlaps;
static volatile long counter;

static void lock(void)
{
    char byte;
    while (read(token[0], &byte, 1) < 0)
        if (errno != EINTR)
            abort();
    if (atomic_fetch_add(&inside, 1))
        atomic_fetch_add(&overlaps, 1);
}

static void unlock(void)
{
    atomic_fetch_sub(&inside, 1);
    while (write(token[1], "t", 1) < 0)
        if (errno != EINTR)
            abort();
}

static void on_child(int number)
{
    (void)number;
    int error = errno;
    lock();
    (void)!write(told[1], "c", 1);
    unlock();
    errno = error;
}

static void *locks(void *unused)
{
    (void)unused;
    sigset_t all, before;
    sigfillset(&all);
    for (int i = 0; i < ROUNDS; i++) {
        zero(pthread_sigmask(SIG_BLOCK, &all, &before));
        lock();
        counter++;
        unlock();
        zero(pthread_sigmask(SIG_SETMASK, &before, NULL));
    }
    return NULL;
}

static void *makes_children(void *unused)
{
    (void)unused;
    sigset_t all, before;
    sigfillset(&all);
    for (int i = 0; i < CHILDREN; i++) {
        zero(pthread_sigmask(SIG_BLOCK, &all, &before));
        pid_t child = must(fork());
        if (child == 0) {
            signal(SIGCHLD, SIG_DFL);
            _exit(0);
        }
        zero(pthread_sigmask(SIG_SETMASK, &before, NULL));
        // The handler tells, on whichever thread.
        char byte;
        while (read(told[0], &byte, 1) < 0)
            if (errno != EINTR)
                die("read");
        must(waitpid(child, NULL, 0));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    must(pipe(token));
    must(pipe(told));
    must(write(token[1], "t", 1));
    sigfillset(&action.sa_mask);
    must(sigaction(SIGCHLD, &action, NULL));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(locks, NULL);
    pthread_t parent = start(makes_children, NULL);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    join(parent);
    printf("counted %ld, two inside %d\n", counter, overlaps);
    return 0;
}
