// mq_notify by a signal that a thread waits for, by a thread of its own, and to nobody; one at a time, and not while another receives.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <mqueue.h>
#include <semaphore.h>

static mqd_t queue;
static sem_t called;
static long came;

static void *waits(void *unused)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < 3; i++) {
        int signal = must(sigwaitinfo(&set, &info));
        char text[8];
        printf("signal %s, SI_MESGQ %s, value %d, from us %s", signal == SIGUSR1 ? "SIGUSR1" : "?", yes(info.si_code == SI_MESGQ),
               info.si_value.sival_int, yes(info.si_pid == getpid()));
        printf(", message %s\n", answer(mq_receive(queue, text, sizeof text, NULL)));
        sem_post(&called);
    }
    return unused;
}

static void notified(union sigval value)
{
    char text[8];
    came = value.sival_int + mq_receive(queue, text, sizeof text, NULL);
    sem_post(&called);
}

static void *receives(void *unused)
{
    char text[8];
    printf("received: %s\n", answer(mq_receive(queue, text, sizeof text, NULL)));
    return unused;
}

int main(void)
{
    struct mq_attr shape = {.mq_maxmsg = 3, .mq_msgsize = 8};
    struct sigevent by_signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1}, by_thread = {.sigev_notify = SIGEV_THREAD};
    struct sigevent none = {.sigev_notify = SIGEV_NONE}, odd = {.sigev_notify = 77}, bad = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
    char name[40];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    must(sem_init(&called, 0, 0));
    snprintf(name, sizeof name, "/fixture.notify.%d", (int)getpid());
    queue = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &shape));
    must(mq_unlink(name));

    pthread_t thread = start(waits, NULL);
    for (int i = 0; i < 3; i++) {
        by_signal.sigev_value.sival_int = 10 + i;
        must(mq_notify(queue, &by_signal));
        must(mq_send(queue, "hello", 5, 0));
        must(sem_wait(&called));
    }
    join(thread);
    by_thread.sigev_notify_function = notified;
    by_thread.sigev_value.sival_int = 100;
    must(mq_notify(queue, &by_thread));
    SHOW(mq_notify(queue, &by_signal));
    must(mq_send(queue, "hi", 2, 0));
    must(sem_wait(&called));
    printf("by thread: %ld\n", came);
    must(mq_notify(queue, &none));
    SHOW(mq_notify(queue, &by_signal));
    SHOW(mq_notify(queue, NULL));
    // Whoever waits gets the message, and nobody is told.
    must(mq_notify(queue, &by_signal));
    thread = start(receives, NULL);
    let_it_block();
    must(mq_send(queue, "to whom", 7, 0));
    join(thread);
    SHOW(mq_notify(queue, NULL));
    SHOW(mq_notify(queue, &odd));
    SHOW(mq_notify(queue, &bad));
    SHOW(mq_notify(9999, &none));
    SHOW(mq_notify(0, &none));
    return 0;
}
