// mq_notify calls the program on a thread of libc's when a message comes to the empty queue. That thread asks for the next call, takes
// the messages and wakes the thread that sent them, by a semaphore.
#include "fixture.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>

enum { THREADS = 3, ROUNDS = 20 };
struct mail {
    mqd_t queue;
    sem_t taken;
    long sum;
    int calls;
};

static void ask(struct mail *mail);

static void came(union sigval value)
{
    struct mail *mail = value.sival_ptr;
    long message;
    int posts = 0;
    ask(mail);
    while (mq_receive(mail->queue, (char *)&message, sizeof message, NULL) == sizeof message) {
        mail->sum += message;
        posts++;
    }
    mail->calls++;
    while (posts-- > 0)
        sem_post(&mail->taken);
}

static void ask(struct mail *mail)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD};
    event.sigev_notify_function = came;
    event.sigev_value.sival_ptr = mail;
    must(mq_notify(mail->queue, &event));
}

static void *correspond(void *arg)
{
    struct mail *mail = calloc(1, sizeof *mail);
    struct mq_attr shape = {.mq_maxmsg = 4, .mq_msgsize = sizeof(long)};
    char name[40];
    snprintf(name, sizeof name, "/fixture.%d.%ld", (int)getpid(), unbox(arg));
    mail->queue = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &shape));
    must(mq_unlink(name));
    must(sem_init(&mail->taken, 0, 0));
    ask(mail);
    for (long i = 1; i <= ROUNDS; i++) {
        must(mq_send(mail->queue, (char *)&i, sizeof i, 0));
        must(sem_wait(&mail->taken));
    }
    printf("%s", mail->calls == ROUNDS ? "" : "calls are missing\n");
    return box(mail->sum);
}

int main(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(correspond, box(i));
    for (int i = 0; i < THREADS; i++)
        printf("thread %d: a sum of %ld\n", i, unbox(join(threads[i])));
    return 0;
}
