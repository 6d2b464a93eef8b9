// A thread blocks where no hook sees it, and the library has to find out about that, while the process waits to be notified of a message:
// it still is, be it by a thread or by a signal.
#include "fixture.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>

static sem_t came;
static int ends[2];

static void by_thread(union sigval value)
{
    (void)value;
    sem_post(&came);
}

static void by_signal(int number)
{
    (void)number;
    sem_post(&came);
}

static long raw_read(int fd, void *to, size_t size)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "0"((long)SYS_read), "D"((long)fd), "S"(to), "d"(size) : "rcx", "r11", "memory");
    return r;
}

static void *blocks(void *unused)
{
    char byte;
    (void)unused;
    return box(raw_read(ends[0], &byte, 1));
}

static void *naps(void *unused)
{
    for (int i = 0; i < 50; i++)
        usleep(1000);
    return unused;
}

static mqd_t new_queue(const char *what)
{
    struct mq_attr shape = {.mq_maxmsg = 4, .mq_msgsize = 8};
    char name[40];
    snprintf(name, sizeof name, "/fixture.%d.%s", (int)getpid(), what);
    mqd_t queue = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &shape));
    must(mq_unlink(name));
    return queue;
}

int main(void)
{
    struct sigevent thread = {.sigev_notify = SIGEV_THREAD}, signal_ = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    pthread_t threads[8], stuck;
    mqd_t one = new_queue("thread"), two = new_queue("signal");

    must(sem_init(&came, 0, 0));
    must(pipe(ends));
    signal(SIGUSR1, by_signal);
    thread.sigev_notify_function = by_thread;
    must(mq_notify(one, &thread));
    must(mq_notify(two, &signal_));
    stuck = start(blocks, NULL);
    for (int i = 0; i < 8; i++)
        threads[i] = start(naps, NULL);
    for (int i = 0; i < 8; i++)
        join(threads[i]);
    must(mq_send(one, "first", 5, 0));
    while (sem_wait(&came) != 0)
        ;
    printf("by a thread\n");
    must(mq_send(two, "second", 6, 0));
    while (sem_wait(&came) != 0)
        ;
    printf("by a signal\n");
    write_all(ends[1], "x", 1);
    printf("read: %ld\n", unbox(join(stuck)));
    return 0;
}
