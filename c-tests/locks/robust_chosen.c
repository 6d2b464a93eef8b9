// A robust mutex in shared memory: a process dies whose thread had asked for its CPU clock before it locked; the other is told.
#include "fixture.h"
#include <sys/mman.h>
#include <sys/wait.h>

static pthread_mutex_t *mutex;

static void *holds(void *unused)
{
    struct timespec used;
    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used));
    zero(pthread_mutex_lock(mutex));
    _exit(3);
    return unused;
}

// The child of a thread: it's that thread which goes on there.
static void *forks(void *unused)
{
    pid_t child = must(fork());
    if (child == 0) {
        zero(pthread_mutex_lock(mutex));
        _exit(4);
    }
    int status;
    must(waitpid(child, &status, 0));
    printf("exit %d\n", WEXITSTATUS(status));
    return unused;
}

static void look(void)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 5000);
    int error = pthread_mutex_timedlock(mutex, &when);
    printf("lock: %s", error_name(error));
    if (error == EOWNERDEAD)
        printf(", consistent: %s", error_name(pthread_mutex_consistent(mutex)));
    printf(", unlock: %s\n", error_name(pthread_mutex_unlock(mutex)));
    fflush(stdout);
}

int main(void)
{
    pthread_mutexattr_t attributes;
    int status;
    mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    zero(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    zero(pthread_mutex_init(mutex, &attributes));

    pid_t child = must(fork());
    if (child == 0) {
        join(start(holds, NULL));
        _exit(0);
    }
    must(waitpid(child, &status, 0));
    printf("exit %d\n", WEXITSTATUS(status));
    look();
    join(start(forks, NULL));
    look();
    return 0;
}
