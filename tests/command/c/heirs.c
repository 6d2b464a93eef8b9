// A child of fork that takes a mutex that is shared between processes, and then one that it has inherited locked, whose owner didn't come
// along. In the parent a thread waits for the shared one.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static pthread_mutex_t inherited = PTHREAD_MUTEX_INITIALIZER, *shared;
static pthread_barrier_t both;

static void *holds(void *arg)
{
    pthread_mutex_lock(&inherited);
    pthread_barrier_wait(&both);
    pause();
    return arg;
}

static void *wants(void *arg)
{
    pthread_setname_np(pthread_self(), "wants");
    pthread_mutex_lock(shared);
    return arg;
}

static void *nothing(void *arg)
{
    return arg;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t thread;
    int pipes[2];
    char byte = 0;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(shared, &attributes);
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&thread, NULL, holds, NULL);
    pthread_barrier_wait(&both);
    if (pipe(pipes))
        return 1;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pthread_mutex_lock(shared);
        write(pipes[1], &byte, 1);
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
        pthread_mutex_lock(&inherited); // the heir waits
        return 0;
    }
    read(pipes[0], &byte, 1);
    pthread_create(&thread, NULL, wants, NULL);
    pthread_join(thread, NULL);
    return 0;
}
