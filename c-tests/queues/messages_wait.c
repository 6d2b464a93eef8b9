// Threads wait in a System V queue, empty or full: many producers and consumers by type; the queue's removal gives EIDRM, a signal EINTR.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <stdatomic.h>
#include <sys/ipc.h>
#include <sys/msg.h>

enum { KINDS = 4, ROUNDS = 200 };
struct number {
    long type, value;
};

static int queue;
static atomic_int returned;

static void *produces(void *type)
{
    for (long i = 1; i <= ROUNDS; i++)
        must(msgsnd(queue, &((struct number){unbox(type), i}), sizeof(long), 0));
    return NULL;
}

static void *consumes(void *type)
{
    struct number m;
    long sum = 0, before = 0, bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        must(msgrcv(queue, &m, sizeof(long), unbox(type), 0));
        bad += m.type != unbox(type) || m.value <= before;
        before = m.value;
        sum += m.value;
    }
    return box(bad ? -bad : sum);
}

static void *receives(void *unused)
{
    struct number m;
    (void)unused;
    int result = msgrcv(queue, &m, sizeof(long), 77, 0), error = errno;
    returned++;
    return box(result < 0 ? error : 0);
}

static void *sends(void *unused)
{
    (void)unused;
    struct number m = {1, 1};
    int result = msgsnd(queue, &m, sizeof(long), 0), error = errno;
    returned++;
    return box(result < 0 ? error : 0);
}

static void handle(int signal)
{
    (void)signal;
}

static const char *interrupted(pthread_t thread)
{
    while (!returned) {
        usleep(5000);
        pthread_kill(thread, SIGUSR1);
    }
    returned = 0;
    return error_name(unbox(join(thread)));
}

int main(void)
{
    pthread_t threads[2 * KINDS];
    struct msqid_ds state;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    queue = must(msgget(IPC_PRIVATE, 0600));
    must(msgctl(queue, IPC_STAT, &state));
    // Room for two of each kind: the producers don't get far.
    state.msg_qbytes = 2 * KINDS * sizeof(long);
    must(msgctl(queue, IPC_SET, &state));
    for (long i = 0; i < KINDS; i++) {
        threads[2 * i] = start(consumes, box(i + 1));
        threads[2 * i + 1] = start(produces, box(i + 1));
    }
    for (int i = 0; i < KINDS; i++) {
        printf("type %d: a sum of %ld\n", i + 1, unbox(join(threads[2 * i])));
        join(threads[2 * i + 1]);
    }
    // These calls are interrupted whatever SA_RESTART says.
    must(sigaction(SIGUSR1, &action, NULL));
    printf("msgrcv: %s\n", interrupted(start(receives, NULL)));
    for (int i = 0; i < 2 * KINDS; i++)
        must(msgsnd(queue, &((struct number){1, i}), sizeof(long), IPC_NOWAIT));
    printf("msgsnd: %s\n", interrupted(start(sends, NULL)));

    for (int i = 0; i < 4; i++)
        threads[i] = start(i % 2 ? receives : sends, NULL);
    let_it_block();
    must(msgctl(queue, IPC_RMID, NULL));
    // Who comes too late for that finds no such queue.
    for (int i = 0; i < 4; i++) {
        int error = unbox(join(threads[i]));
        printf("removed: %s\n", yes(error == EIDRM || error == EINVAL));
    }
    return 0;
}
