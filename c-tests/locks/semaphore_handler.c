// sem_post from a signal handler, as POSIX allows: threads wait for what the handler of a timer or of a signal posts.
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

enum { N = 4, TICKS = 20 };
static sem_t ticks, done;

static void handler(int signal)
{
    int error = errno;
    sem_post(signal == SIGALRM ? &ticks : &done);
    errno = error;
}

static void *waits(void *unused)
{
    for (int i = 0; i < TICKS / N; i++)
        while (sem_wait(&ticks) == -1)
            if (errno != EINTR)
                die("sem_wait");
    return unused;
}

static void *raises(void *unused)
{
    must(raise(SIGUSR1));
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct itimerval every = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
    pthread_t threads[N];
    int value;

    must(sem_init(&ticks, 0, 0));
    must(sem_init(&done, 0, 0));
    must(sigaction(SIGALRM, &action, NULL));
    must(sigaction(SIGUSR1, &action, NULL));
    for (int i = 0; i < N; i++)
        threads[i] = start(waits, NULL);
    must(setitimer(ITIMER_REAL, &every, NULL));
    for (int i = 0; i < N; i++)
        join(threads[i]);
    must(setitimer(ITIMER_REAL, &never, NULL));
    printf("all ticks came\n");

    threads[0] = start(raises, NULL);
    while (sem_wait(&done) == -1)
        if (errno != EINTR)
            die("sem_wait");
    join(threads[0]);
    must(raise(SIGUSR1)); // to oneself
    must(sem_getvalue(&done, &value));
    printf("posted by oneself: %d\n", value);
    return 0;
}
