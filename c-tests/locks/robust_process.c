// A process ends while one of its threads holds a shared robust mutex: it is killed, calls _exit, or its main returns. Threads of
// this process wait for the mutex: one is told, and repairs it.
#include "robust.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WAITERS = 4, KILLED, EXITS };
static pthread_mutex_t *mutex;
static int up[2], told, taken;

static void *holds(void *how)
{
    zero(pthread_mutex_lock(mutex));
    must(write(up[1], "", 1));
    if (unbox(how) == EXITS) {
        usleep(20000); // the others wait by now
        _exit(3);
    }
    for (;;)
        pause();
}

static void *waits_elsewhere(void *unused)
{
    for (;;)
        usleep(1000);
    return unused;
}

static pid_t child(int how)
{
    pid_t pid = must(fork());
    if (pid == 0) {
        start(waits_elsewhere, NULL);
        start(holds, box(how));
        for (;;)
            pause();
    }
    return pid;
}

static void *waiter(void *unused)
{
    int error = pthread_mutex_lock(mutex);
    if (error == EOWNERDEAD) {
        told++;
        zero(pthread_mutex_consistent(mutex));
    } else if (error == 0) {
        taken++;
    } else {
        printf("lock: %s\n", error_name(error));
        return unused;
    }
    zero(pthread_mutex_unlock(mutex));
    return unused;
}

static int ended(pid_t pid)
{
    int status;
    must(waitpid(pid, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int main(void)
{
    pthread_t threads[WAITERS];
    pid_t children[2];
    char byte;

    mutex = mmap(NULL, sizeof *mutex, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    make_robust(mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PROCESS_SHARED);
    must(pipe(up));
    children[0] = child(KILLED);
    must(read(up[0], &byte, 1));
    for (int i = 0; i < WAITERS; i++)
        threads[i] = start(waiter, NULL);
    let_it_block();
    must(kill(children[0], SIGKILL));
    for (int i = 0; i < WAITERS; i++)
        join(threads[i]);
    printf("killed: %d, told: %d, taken: %d\n", ended(children[0]), told, taken);

    children[1] = child(EXITS); // this time it's a fork of a process with threads
    must(read(up[0], &byte, 1));
    told = taken = 0;
    for (int i = 0; i < WAITERS; i++)
        threads[i] = start(waiter, NULL);
    for (int i = 0; i < WAITERS; i++)
        join(threads[i]);
    printf("exit: %d, told: %d, taken: %d\n", ended(children[1]), told, taken);

    children[0] = child(KILLED);
    must(read(up[0], &byte, 1));
    must(kill(children[0], SIGKILL));
    printf("killed: %d", ended(children[0]));
    printf(", nobody waited: %s", error_name(pthread_mutex_trylock(mutex)));
    printf(", unlock: %s", error_name(pthread_mutex_unlock(mutex)));
    printf(", then: %s\n", error_name(pthread_mutex_lock(mutex)));
    return 0;
}
