// Threads that wait in System V queues and semaphores, and for a lockf, while others that would end the wait are green too.
#include "fixture.h"
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

struct text {
    long type;
    char text[16];
};

static int queue, set, file;

static void *receives(void *arg)
{
    struct text m;
    for (int i = 0; i < 3; i++) {
        long n = must(msgrcv(queue, &m, sizeof m.text, (long)arg, 0));
        printf("type %ld: %ld bytes, \"%s\"\n", m.type, n, m.text);
        must(msgsnd(queue, &(struct text){.type = 99}, 0, 0));
    }
    return NULL;
}

static void *sends(void *arg)
{
    struct text m = {.type = (long)arg}, done;
    for (int i = 0; i < 3; i++) {
        usleep(2000);
        snprintf(m.text, sizeof m.text, "message %d", i);
        must(msgsnd(queue, &m, sizeof m.text, 0));
        must(msgrcv(queue, &done, 0, 99, 0));
    }
    return NULL;
}

static void *takes(void *arg)
{
    struct sembuf two[] = {{.sem_num = 0, .sem_op = -1}, {.sem_num = 1, .sem_op = -1}};
    for (int i = 0; i < 3; i++)
        must(semop(set, two, 2));
    return arg;
}

static void *gives(void *arg)
{
    for (int i = 0; i < 6; i++) {
        usleep(1000);
        must(semop(set, &(struct sembuf){.sem_num = i % 2, .sem_op = 1}, 1));
    }
    return arg;
}

static void *locks(void *arg)
{
    printf("lockf: %s\n", answer(lockf(file, F_LOCK, 10)));
    return arg;
}

int main(void)
{
    pthread_t a, b;
    struct text m;
    queue = must(msgget(IPC_PRIVATE, 0600));
    set = must(semget(IPC_PRIVATE, 2, 0600));
    file = must(open("locked", O_RDWR | O_CREAT, 0600));

    zero(pthread_create(&a, NULL, receives, (void *)7));
    zero(pthread_create(&b, NULL, sends, (void *)7));
    zero(pthread_join(a, NULL));
    zero(pthread_join(b, NULL));
    zero(pthread_create(&a, NULL, takes, NULL));
    zero(pthread_create(&b, NULL, gives, NULL));
    zero(pthread_join(a, NULL));
    zero(pthread_join(b, NULL));
    printf("left: %ld\n", must(semctl(set, 0, GETVAL)) + must(semctl(set, 1, GETVAL)));

    printf("nothing there: %s\n", answer(msgrcv(queue, &m, sizeof m.text, 0, IPC_NOWAIT)));
    printf("nothing to take: %s\n", answer(semop(set, &(struct sembuf){.sem_op = -1, .sem_flg = IPC_NOWAIT}, 1)));
    struct timespec brief = {.tv_nsec = 20000000};
    printf("nothing in time: %s\n", answer(semtimedop(set, &(struct sembuf){.sem_op = -1}, 1, &brief)));
    printf("no such set: %s\n", answer(semop(-1, &(struct sembuf){.sem_op = -1}, 1)));

    int ready[2];
    char c;
    must(pipe(ready));
    pid_t child = must(fork());
    if (child == 0) {
        must(lockf(file, F_LOCK, 10));
        must(write(ready[1], "x", 1));
        usleep(30000);
        _exit(0);
    }
    must(read(ready[0], &c, 1));
    printf("held by the child: %s\n", answer(lockf(file, F_TLOCK, 10)));
    zero(pthread_create(&a, NULL, locks, NULL));
    zero(pthread_create(&b, NULL, gives, NULL));
    zero(pthread_join(a, NULL));
    zero(pthread_join(b, NULL));
    must(waitpid(child, NULL, 0));
    must(msgctl(queue, IPC_RMID, NULL));
    must(semctl(set, 0, IPC_RMID));
    return 0;
}
