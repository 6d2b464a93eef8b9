// msgrcv, msgsnd and semop, which SA_RESTART never restarts: each message comes once, each step of the semaphore counts.
#include "../fixture.h"
#include "eintr.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

enum { COUNT = 40 };
static int queue, semaphore;

struct message {
    long type;
    char body[2000];
};

static void *writer(void *arg)
{
    struct message message = {.type = 1};
    (void)arg;
    for (int i = 0; i < COUNT; i++) {
        message.body[0] = i;
        // The queue holds some eight of them.
        go_on(msgsnd(queue, &message, sizeof message.body, 0));
        if (i % 10 == 0)
            pause_ms(4);
    }
    return NULL;
}

static void *reader(void *arg)
{
    struct message message;
    long ordered = 0;
    (void)arg;
    for (int i = 0; i < COUNT; i++) {
        go_on(msgrcv(queue, &message, sizeof message.body, 1, 0));
        ordered += message.body[0] == i;
        if (i % 15 == 0)
            pause_ms(4);
    }
    return box(ordered);
}

static void *steps(void *arg)
{
    for (int i = 0; i < COUNT; i++) {
        struct sembuf operation = {.sem_op = unbox(arg)};
        go_on(semop(semaphore, &operation, 1));
        if (i % 10 == 0)
            pause_ms(2);
    }
    return NULL;
}

int main(void)
{
    queue = must(msgget(IPC_PRIVATE, 0600));
    semaphore = must(semget(IPC_PRIVATE, 1, 0600));
    pthread_t thread = start_bitten(writer, NULL);
    printf("main has %ld in order\n", unbox(reader(NULL)));
    join(thread);
    thread = start_bitten(reader, NULL);
    writer(NULL);
    printf("a thread has %ld in order\n", unbox(join(thread)));

    thread = start_bitten(steps, box(-1));
    steps(box(1));
    join(thread);
    printf("semaphore: %ld\n", must(semctl(semaphore, 0, GETVAL)));
    must(msgctl(queue, IPC_RMID, NULL));
    must(semctl(semaphore, 0, IPC_RMID));
    return 0;
}
