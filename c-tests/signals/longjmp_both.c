// main and three workers jump out of their waits at the same time: of nanosleep, poll, sem_wait and accept, each 50 times.
#include "signals.h"
#include <setjmp.h>

enum { ROUNDS = 50, THREADS = 4 };
static __thread sigjmp_buf back;
static __thread volatile sig_atomic_t ready;
static int ends[2], door;
static sem_t semaphore;
static struct job {
    _Atomic(pthread_t) thread;
    int index;
    atomic_int known, done;
} jobs[THREADS];

static void handler(int number)
{
    (void)number;
    if (ready) {
        ready = 0;
        siglongjmp(back, 1);
    }
}

static void wait_somewhere(int index)
{
    struct pollfd entry = {.fd = ends[0], .events = POLLIN};
    switch (index) {
    case 0:
        nanosleep(&(struct timespec){3600, 0}, NULL);
        break;
    case 1:
        poll(&entry, 1, -1);
        break;
    case 2:
        sem_wait(&semaphore);
        break;
    default:
        accept(door, NULL, NULL);
    }
}

static void *jumps_out(void *arg)
{
    struct job *job = arg;
    volatile long count = 0;
    job->thread = pthread_self();
    job->known = 1;
    while (count < ROUNDS) {
        if (sigsetjmp(back, 1) == 0) {
            ready = 1;
            for (;;)
                wait_somewhere(job->index);
        }
        count++;
    }
    block(SIGUSR1);
    job->done = 1;
    return box(count);
}

// Sends signals to all who are not through.
static void *sends(void *stop)
{
    block(SIGUSR1);
    while (!*(atomic_int *)stop) {
        usleep(300);
        for (int i = 0; i < THREADS; i++)
            if (jobs[i].known && !jobs[i].done)
                zero(pthread_kill(jobs[i].thread, SIGUSR1));
    }
    return NULL;
}

int main(void)
{
    struct sockaddr_in address;
    pthread_t threads[THREADS];
    static atomic_int stop;

    must(pipe(ends));
    door = listen_loopback(1, &address);
    must(sem_init(&semaphore, 0, 0));
    must(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler}, NULL));
    pthread_t sender = start(sends, &stop);
    for (int i = 0; i < THREADS; i++)
        jobs[i].index = i;
    for (int i = 1; i < THREADS; i++)
        threads[i] = start(jumps_out, &jobs[i]);
    printf("main: %ld\n", unbox(jumps_out(&jobs[0])));
    for (int i = 1; i < THREADS; i++)
        printf("worker %d: %ld\n", i, unbox(join(threads[i])));
    stop = 1;
    join(sender);

    // What they waited for still works.
    must(sem_post(&semaphore));
    printf("sem_wait: %s", answer(sem_wait(&semaphore)));
    close(connect_to(&address));
    printf(", accept: %s\n", yes(accept(door, NULL, NULL) >= 0));
    return 0;
}
