// A named semaphore: other processes could share it, but here it is threads of one that do.
#include "fixture.h"
#include <fcntl.h>
#include <semaphore.h>

static void *posts(void *semaphore)
{
    usleep(1000);
    must(sem_post(semaphore));
    return NULL;
}

static void *waits(void *semaphore)
{
    must(sem_wait(semaphore));
    return NULL;
}

int main(void)
{
    char name[64];
    int value;
    snprintf(name, sizeof name, "/green-twin-%d", getpid());
    sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    if (named == SEM_FAILED)
        die("sem_open");
    must(sem_unlink(name));

    pthread_t other = start(posts, named);
    printf("main waits: %s\n", answer(sem_wait(named)));
    join(other);
    other = start(waits, named);
    let_it_block();
    printf("main posts: %s\n", answer(sem_post(named)));
    join(other);
    must(sem_getvalue(named, &value));
    printf("value: %d\n", value);
    printf("close: %s\n", answer(sem_close(named)));
    return 0;
}
