// A thread by clone(2) alone shares its maker's TLS, and may still call what asks for none, as sem_post does: it wakes threads that
// wait, and learns by pipe that it has. Its maker waits for it meanwhile.
#include "clone.h"
#include <semaphore.h>

enum { WAITERS = 5, ROUNDS = 20 };
static sem_t semaphore;
static int ends[2];
static volatile pid_t id;

static int post(void *unused)
{
    char byte;
    (void)unused;
    for (int i = 0; i < WAITERS * ROUNDS; i++) {
        sem_post(&semaphore);
        raw(SYS_read, ends[0], (long)&byte, 1, 0);
    }
    return 0;
}

static void *wait_for_posts(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        must(sem_wait(&semaphore));
        must(write(ends[1], "w", 1));
    }
    return arg;
}

int main(void)
{
    pthread_t threads[WAITERS];
    must(sem_init(&semaphore, 0, 0));
    must(pipe(ends));
    for (long i = 0; i < WAITERS; i++)
        threads[i] = start(wait_for_posts, box(i));
    start_clone(post, NULL, (pid_t *)&id);
    for (int i = 0; i < WAITERS; i++)
        printf("waiter %ld has got its posts\n", unbox(join(threads[i])));
    while (id != 0)
        usleep(500);
    return 0;
}
