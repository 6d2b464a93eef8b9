// needs: libevent-dev
// link: -levent -levent_pthreads
// libevent's signal events: SIGUSR1 and SIGUSR2 sent by threads, SIGALRM by a timer, SIGCHLD by a child; the loop in main and in a
// thread. (libevent's handler writes the number to a pipe, which wakes the loop.)
#include "../fixture.h"
#include <event2/event.h>
#include <event2/thread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static struct event_base *base;
static sem_t seen;
static int counts[65];

static void on_signal(evutil_socket_t number, short what, void *unused)
{
    (void)unused;
    if (what != EV_SIGNAL)
        printf("no signal\n");
    counts[number]++;
    if (number == SIGCHLD) {
        int status;
        must(waitpid(-1, &status, 0));
        printf("child: %d\n", WEXITSTATUS(status));
    }
    if (number == SIGTERM)
        event_base_loopbreak(base);
    must(sem_post(&seen));
}

static void *sends(void *unused)
{
    (void)unused;
    // One at a time: signals of a kind are not counted otherwise.
    for (int i = 0; i < 50; i++) {
        must(kill(getpid(), i % 2 ? SIGUSR1 : SIGUSR2));
        must(sem_wait(&seen));
    }
    struct itimerval soon = {{0, 0}, {0, 5000}};
    must(setitimer(ITIMER_REAL, &soon, NULL));
    must(sem_wait(&seen));
    pid_t child = must(fork());
    if (child == 0)
        _exit(7);
    must(sem_wait(&seen));
    must(kill(getpid(), SIGTERM));
    must(sem_wait(&seen));
    return NULL;
}

static void *loop(void *unused)
{
    (void)unused;
    return box(event_base_dispatch(base));
}

int main(void)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGTERM};
    setvbuf(stdout, NULL, _IOLBF, 0);
    must(sem_init(&seen, 0, 0));
    zero(evthread_use_pthreads());
    for (int in_thread = 0; in_thread < 2; in_thread++) {
        struct event *events[5];
        pthread_t thread;
        memset(counts, 0, sizeof counts);
        base = event_base_new();
        for (int i = 0; i < 5; i++) {
            events[i] = evsignal_new(base, numbers[i], on_signal, NULL);
            evsignal_add(events[i], NULL);
        }
        if (in_thread)
            thread = start(loop, NULL);
        pthread_t sender = start(sends, NULL);
        long result = in_thread ? unbox(join(thread)) : unbox(loop(NULL));
        join(sender);
        printf("loop: %ld, seen:", result);
        for (int i = 0; i < 5; i++) {
            printf(" %d", counts[numbers[i]]);
            event_free(events[i]);
        }
        printf("\n");
        event_base_free(base);
    }
    return 0;
}
