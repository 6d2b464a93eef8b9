// pthread_cancel ends a thread that waits where only the kernel can: epoll, message queues, file locks, the open of a FIFO.
#include "points.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int epoll, queue_id, locked_file;
static mqd_t queue;
static char byte;

static void with_epoll_wait(void)
{
    struct epoll_event event;
    epoll_wait(epoll, &event, 1, -1);
}

static void with_epoll_pwait(void)
{
    struct epoll_event event;
    epoll_pwait(epoll, &event, 1, 3600000, NULL);
}

static void with_msgrcv(void)
{
    struct { long type; char text[8]; } message;
    must(msgrcv(queue_id, &message, 8, 5, 0));
}

static void with_mq_receive(void)
{
    char text[64];
    must(mq_receive(queue, text, sizeof text, NULL));
}

static void with_mq_timedreceive(void)
{
    struct timespec when = in_an_hour(CLOCK_REALTIME);
    char text[64];
    must(mq_timedreceive(queue, text, sizeof text, NULL, &when));
}

static void with_setlkw(void)
{
    struct flock lock = {.l_type = F_WRLCK};
    must(fcntl(locked_file, F_SETLKW, &lock));
}

static void with_lockf(void)
{
    must(lockf(locked_file, F_LOCK, 0));
}

static void with_open(void)
{
    must(open("fifo", O_RDONLY));
}

static const struct point points[] = {
    POINT(epoll_wait), POINT(epoll_pwait), POINT(msgrcv), POINT(mq_receive), POINT(mq_timedreceive), POINT(setlkw),
    POINT(lockf), POINT(open),
};

// A child that holds the file's lock and lives until the pipe's end.
static pid_t lock_holder(int life[2])
{
    int told[2];
    must(pipe(told));
    pid_t pid = must(fork());
    if (pid == 0) {
        struct flock lock = {.l_type = F_WRLCK};
        close(life[1]);
        must(fcntl(locked_file, F_SETLKW, &lock));
        must(write(told[1], "l", 1));
        must(read(life[0], &byte, 1));
        _exit(0);
    }
    must(read(told[0], &byte, 1));
    close(told[0]);
    close(told[1]);
    return pid;
}

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 64};
    struct { long type; char text[8]; } message = {5, "hello"};
    int empty[2], life[2];
    char name[32], text[64];

    must(pipe(empty));
    must(pipe(life));
    epoll = must(epoll_create1(0));
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, empty[0], &(struct epoll_event){.events = EPOLLIN}));
    queue_id = must(msgget(IPC_PRIVATE, 0600));
    snprintf(name, sizeof name, "/points-%d", getpid());
    queue = must(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
    must(mq_unlink(name));
    locked_file = must(open("lock", O_RDWR | O_CREAT, 0600));
    must(mkfifo("fifo", 0600));
    pid_t child = lock_holder(life);
    CANCEL_IN(points);

    // What they waited for still works.
    close(life[1]);
    must(waitpid(child, NULL, 0));
    printf("lockf: %s\n", answer(lockf(locked_file, F_LOCK, 0)));
    must(mq_send(queue, "hello", 5, 0));
    printf("mq_receive: %s\n", answer(mq_receive(queue, text, sizeof text, NULL)));
    must(msgsnd(queue_id, &message, 5, 0));
    printf("msgrcv: %s\n", answer(msgrcv(queue_id, &message, 8, 5, 0)));
    must(msgctl(queue_id, IPC_RMID, NULL));
    return 0;
}
