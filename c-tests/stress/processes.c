// Two processes, each with ordinary threads and a real-time one, which stays native, share a mutex, a condition variable and a semaphore.
#include "../foreign/native.h"
#include "crowd.h"
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PROCESSES = 2, ORDINARY = 20, REALTIME = 2, THREADS = ORDINARY + REALTIME, STEPS = 5000, TURNS = 50, PERMITS = 3 };
static struct shared {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    sem_t semaphore;
    struct guarded guarded;
    long arrived, tokens, taken, inside, too_many, ended;
} *shared;

static void *run(void *arg)
{
    long number = unbox(arg);
    // All begin together.
    zero(pthread_mutex_lock(&shared->lock));
    shared->arrived++;
    zero(pthread_cond_broadcast(&shared->changed));
    while (shared->arrived < PROCESSES * THREADS)
        zero(pthread_cond_wait(&shared->changed, &shared->lock));
    zero(pthread_mutex_unlock(&shared->lock));

    for (int i = 0; i < STEPS; i++) {
        zero(pthread_mutex_lock(&shared->lock));
        visit(&shared->guarded, i % 100 == number);
        zero(pthread_mutex_unlock(&shared->lock));
        must(sem_wait(&shared->semaphore));
        if (__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) > PERMITS)
            count(&shared->too_many);
        __atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
        must(sem_post(&shared->semaphore));
    }
    // Half of them give, the others take, whatever process they are of.
    for (int i = 0; i < TURNS; i++) {
        zero(pthread_mutex_lock(&shared->lock));
        if (number % 2) {
            shared->tokens++;
            zero(pthread_cond_signal(&shared->changed));
        } else {
            while (shared->tokens == 0)
                zero(pthread_cond_wait(&shared->changed, &shared->lock));
            shared->tokens--;
            shared->taken++;
        }
        zero(pthread_mutex_unlock(&shared->lock));
    }
    count(&shared->ended);
    return NULL;
}

// The real-time threads are of both kinds, too.
static void process(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        threads[i] = i < REALTIME ? start_realtime(run, box(i)) : start_small(run, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
}

int main(void)
{
    pthread_mutexattr_t of_mutex;
    pthread_condattr_t of_cond;
    int status, value;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("mmap");
    zero(pthread_mutexattr_init(&of_mutex));
    zero(pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED));
    zero(pthread_mutex_init(&shared->lock, &of_mutex));
    zero(pthread_condattr_init(&of_cond));
    zero(pthread_condattr_setpshared(&of_cond, PTHREAD_PROCESS_SHARED));
    zero(pthread_cond_init(&shared->changed, &of_cond));
    must(sem_init(&shared->semaphore, 1, PERMITS));

    pid_t child = must(fork());
    process();
    if (child == 0)
        exit(0);
    must(waitpid(child, &status, 0));
    printf("child ended well: %s\n", yes(status == 0));
    printf("threads: %ld\n", shared->ended);
    printf("locks: %ld; invariant held: %s\n", shared->guarded.first, yes(whole(&shared->guarded, shared->guarded.first)));
    printf("permits: %d too many inside: %ld\n", (must(sem_getvalue(&shared->semaphore, &value)), value), shared->too_many);
    printf("tokens: %ld taken, %ld left\n", shared->taken, shared->tokens);
    return 0;
}
