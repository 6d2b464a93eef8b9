// A ring buffer between hundreds of threads, guarded by three named semaphores that each thread opens for itself.
#include "crowd.h"
#include <fcntl.h>
#include <semaphore.h>

enum { THREADS = 200, STEPS = 2500, ROOM = 100 };
static char names[3][64];
static long ring[ROOM], put, taken, put_sum, taken_sum, same;
static sem_t *mine[3];

static sem_t *open_again(int which)
{
    sem_t *semaphore = sem_open(names[which], 0);
    if (semaphore == SEM_FAILED)
        die("sem_open");
    if (semaphore == mine[which])
        count(&same);
    return semaphore;
}

static void *run(void *arg)
{
    sem_t *room = open_again(0), *items = open_again(1), *lock = open_again(2);
    int gives = unbox(arg) % 2;
    for (long i = 0; i < STEPS; i++) {
        must(sem_wait(gives ? room : items));
        must(sem_wait(lock));
        if (gives)
            put_sum += ring[put++ % ROOM] = i;
        else
            taken_sum += ring[taken++ % ROOM];
        must(sem_post(lock));
        must(sem_post(gives ? items : room));
    }
    must(sem_close(room));
    must(sem_close(items));
    must(sem_close(lock));
    return box(STEPS);
}

int main(void)
{
    static const unsigned begin[3] = {ROOM, 0, 1};
    for (int i = 0; i < 3; i++) {
        snprintf(names[i], sizeof names[i], "/green-stress-%d-%d", getpid(), i);
        mine[i] = sem_open(names[i], O_CREAT | O_EXCL, 0600, begin[i]);
        if (mine[i] == SEM_FAILED)
            die("sem_open");
    }
    printf("operations: %ld\n", crowd(THREADS, run));
    printf("opened again at the same place: %ld\n", same);
    printf("put: %ld; taken: %ld; sums are equal: %s\n", put, taken, yes(put_sum == taken_sum));
    for (int i = 0; i < 3; i++) {
        int value;
        must(sem_getvalue(mine[i], &value));
        printf("value: %d; unlink: %s", value, answer(sem_unlink(names[i])));
        printf("; close: %s\n", answer(sem_close(mine[i])));
    }
    return 0;
}
