// The process asks, by the call's number and before its first thread, to be notified of a message. A thread blocks where no hook sees it,
// and the library has to find out about that: the signal comes all the same.
#include "fixture.h"
#include "../fds/raw.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>

static sem_t came;
static int ends[2];

static void by_signal(int number)
{
    (void)number;
    sem_post(&came);
}

static void *blocks(void *unused)
{
    char byte;
    (void)unused;
    return box(raw_call(SYS_read, ends[0], (long)&byte, 1));
}

static void *naps(void *unused)
{
    for (int i = 0; i < 50; i++)
        usleep(1000);
    return unused;
}

int main(void)
{
    struct sigevent notify = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct mq_attr shape = {.mq_maxmsg = 4, .mq_msgsize = 8};
    pthread_t threads[8], stuck;
    char name[40];
    snprintf(name, sizeof name, "/fixture.%d", (int)getpid());
    mqd_t queue = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &shape));
    must(mq_unlink(name));
    zero(sem_init(&came, 0, 0));
    must(pipe(ends));
    signal(SIGUSR1, by_signal);
    must((int)syscall(SYS_mq_notify, queue, &notify));
    stuck = start(blocks, NULL);
    for (int i = 0; i < 8; i++)
        threads[i] = start(naps, NULL);
    for (int i = 0; i < 8; i++)
        join(threads[i]);
    must(mq_send(queue, "x", 1, 0));
    while (sem_wait(&came) != 0) {
    }
    printf("notified\n");
    must((int)write(ends[1], "x", 1));
    printf("the stuck one read %ld\n", unbox(join(stuck)));
    return 0;
}
