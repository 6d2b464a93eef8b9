// A handler without SA_RESTART interrupts main's sem_wait, sem_timedwait and sem_clockwait: EINTR, and the count is untouched.
// Another thread sends the signal again and again until main has seen it.
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static sem_t semaphore;
static atomic_int seen, stop;
static pthread_t thread;

static void handler(int signal)
{
    (void)signal;
    stop = 1;
}

static void *sender(void *unused)
{
    while (!seen) {
        usleep(20000);
        kill(getpid(), SIGUSR1);
    }
    return unused;
}

static void begin(void)
{
    seen = 0;
    thread = start(sender, NULL);
}

// After this no signal is on its way.
static void end(void)
{
    seen = 1;
    join(thread);
}

static void *poster(void *unused)
{
    usleep(10000);
    must(sem_post(&semaphore));
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct timespec when;
    int value;
    must(sem_init(&semaphore, 0, 0));
    must(sigaction(SIGUSR1, &action, NULL));

    begin();
    printf("wait: %s\n", answer(sem_wait(&semaphore)));
    end();

    when = in_ms(CLOCK_REALTIME, 20000);
    begin();
    printf("timedwait: %s\n", answer(sem_timedwait(&semaphore, &when)));
    end();

    when = in_ms(CLOCK_MONOTONIC, 20000);
    begin();
    printf("clockwait: %s\n", answer(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &when)));
    end();

    // How servers wait for their end.
    stop = 0;
    begin();
    while (!stop)
        sem_wait(&semaphore);
    end();
    printf("stopped\n");

    must(sem_getvalue(&semaphore, &value));
    thread = start(poster, NULL);
    printf("value: %d, then posted: %s\n", value, answer(sem_wait(&semaphore)));
    join(thread);
    return 0;
}
