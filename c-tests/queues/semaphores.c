// System V semaphores from threads: several at once or none, IPC_NOWAIT, times, waiting for zero, undo, and what is refused.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>

enum { THREADS = 5, ROUNDS = 60 };
static int set, counter;

static int op(int number, int by, int flags)
{
    return semop(set, &(struct sembuf){.sem_num = number, .sem_op = by, .sem_flg = flags}, 1);
}

static void *counts(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        must(op(0, -1, 0));
        int seen = counter;
        if (i % 8 == 0)
            usleep(50);
        counter = seen + 1;
        must(op(0, 1, 0));
    }
    return unused;
}

static void *waits_for_zero(void *unused)
{
    printf("zero: %s\n", answer(op(1, 0, 0)));
    return unused;
}

static void *waits_for_both(void *unused)
{
    struct sembuf both[] = {{1, -2, 0}, {2, -1, 0}};
    printf("both: %s\n", answer(semop(set, both, 2)));
    return unused;
}

static void *asks(void *unused)
{
    struct sembuf both[] = {{1, -1, IPC_NOWAIT}, {2, -1, IPC_NOWAIT}}, far = {.sem_num = 50, .sem_op = 1}, many[600];
    struct timespec brief = {0, 40000000}, none = {0, 0}, wrong = {0, 1000000000}, negative = {-1, 0};
    struct sembuf take = {.sem_num = 1, .sem_op = -1};
    memset(many, 0, sizeof many);
    must(semctl(set, 1, SETVAL, 1));
    must(semctl(set, 2, SETVAL, 0));
    SHOW(semop(set, both, 2));
    printf("none was taken: %d\n", semctl(set, 1, GETVAL));
    SHOW(op(1, 0, IPC_NOWAIT));
    SHOW(op(2, 0, IPC_NOWAIT));
    SHOW(op(1, -5, IPC_NOWAIT));
    SHOW(op(1, -1, 0));
    double begin = now_ms();
    SHOW(semtimedop(set, &take, 1, &brief));
    printf("took 40 ms: %s\n", yes(now_ms() - begin >= 39));
    SHOW(semtimedop(set, &take, 1, &none));
    SHOW(semtimedop(set, &take, 1, &wrong));
    SHOW(semtimedop(set, &take, 1, &negative));
    must(op(1, 2, 0));
    SHOW(semtimedop(set, &take, 1, &none));
    SHOW(semtimedop(set, &take, 1, NULL));
    SHOW(semop(set, &far, 1));
    SHOW(semop(set, many, 600));
    SHOW(semop(set, many, 0));
    SHOW(semop(-1, &take, 1));
    SHOW(semop(set, nowhere(), 1));
    SHOW(op(1, 32767, 0));
    SHOW(op(1, 1, 0));
    SHOW(op(1, -32767, 0));
    return unused;
}

static void *waits(void *seconds)
{
    struct sembuf take = {.sem_num = 2, .sem_op = -1};
    struct timespec time = {100, 0};
    int result = seconds ? semtimedop(set, &take, 1, &time) : semop(set, &take, 1);
    return box(result < 0 ? errno : 0);
}

int main(void)
{
    pthread_t threads[THREADS];
    set = must(semget(IPC_PRIVATE, 3, 0600));
    must(semctl(set, 0, SETVAL, 1));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(counts, NULL);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    printf("counted %d\n", counter);
    join(start(asks, NULL));

    must(semctl(set, 1, SETVAL, 2));
    threads[0] = start(waits_for_zero, NULL);
    let_it_block();
    must(op(1, -1, 0));
    must(op(1, -1, 0));
    join(threads[0]);
    threads[0] = start(waits_for_both, NULL);
    must(op(1, 1, 0));
    must(op(2, 1, 0));
    let_it_block();
    must(op(1, 1, 0));
    join(threads[0]);

    // What a process took with SEM_UNDO comes back when it ends, and a waiting thread gets it.
    int taken[2], life[2];
    must(pipe(taken));
    must(pipe(life));
    must(semctl(set, 2, SETVAL, 1));
    pid_t child = must(fork());
    if (child == 0) {
        must(op(2, -1, SEM_UNDO));
        must(write(taken[1], "t", 1));
        must(read(life[0], &(char){0}, 1));
        _exit(0);
    }
    must(read(taken[0], &(char){0}, 1));
    threads[0] = start(waits, NULL);
    let_it_block();
    must(write(life[1], "x", 1));
    printf("given back: %s\n", error_name(unbox(join(threads[0]))));
    must(waitpid(child, NULL, 0));

    for (long i = 0; i < 4; i++)
        threads[i] = start(waits, box(i % 2));
    let_it_block();
    must(semctl(set, 0, IPC_RMID));
    for (int i = 0; i < 4; i++) {
        int error = unbox(join(threads[i]));
        printf("removed: %s\n", yes(error == EIDRM || error == EINVAL));
    }
    return 0;
}
