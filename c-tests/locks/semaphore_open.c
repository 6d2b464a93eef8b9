// Named semaphores: made, opened, refused; and two processes that know only the name, with several threads each.
#include "fixture.h"
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <sys/wait.h>

enum { N = 3, LAPS = 40 };
static char name[64], back_name[64];
static sem_t *here, *there;

static const char *opened(sem_t *semaphore)
{
    return semaphore == SEM_FAILED ? error_name(errno) : "0";
}

static void *passes(void *unused)
{
    for (int lap = 0; lap < LAPS; lap++) {
        must(sem_wait(here));
        must(sem_post(there));
    }
    return unused;
}

static void run(const char *mine, const char *others)
{
    pthread_t threads[N];
    here = sem_open(mine, 0);
    there = sem_open(others, 0);
    if (here == SEM_FAILED || there == SEM_FAILED)
        die("sem_open");
    for (int i = 0; i < N; i++)
        threads[i] = start(passes, NULL);
    for (int i = 0; i < N; i++)
        join(threads[i]);
}

static void *errors(void *unused)
{
    printf("not there: %s", opened(sem_open(name, 0)));
    printf(", unlink: %s", answer(sem_unlink(name)));
    printf(", too much: %s\n", opened(sem_open(name, O_CREAT, 0600, (unsigned)SEM_VALUE_MAX + 1)));
    printf("no name: %s", opened(sem_open("", O_CREAT, 0600, 1)));
    printf(", a folder: %s\n", opened(sem_open("/a/b", O_CREAT, 0600, 1)));
    sem_t *first = sem_open(name, O_CREAT | O_EXCL, 0600, 5), *second;
    int value;
    printf("made: %s", opened(first));
    printf(", again: %s", opened(sem_open(name, O_CREAT | O_EXCL, 0600, 5)));
    second = sem_open(name, O_CREAT, 0600, 9);
    must(sem_getvalue(second, &value));
    printf(", opened: %s, the same: %s, value: %d\n", opened(second), yes(first == second), value);
    printf("unlink: %s", answer(sem_unlink(name)));
    printf(", still there: %s", answer(sem_wait(first)));
    printf(", by name: %s", opened(sem_open(name, 0)));
    printf(", close: %s", answer(sem_close(second)));
    printf(" %s\n", answer(sem_close(first)));
    return unused;
}

int main(void)
{
    int status, value;
    snprintf(name, sizeof name, "/green-open-%d", getpid());
    snprintf(back_name, sizeof back_name, "/green-back-%d", getpid());
    sem_t *first = sem_open(name, O_CREAT | O_EXCL, 0600, 2), *second = sem_open(back_name, O_CREAT | O_EXCL, 0600, 0);
    if (first == SEM_FAILED || second == SEM_FAILED)
        die("sem_open");
    pid_t child = must(fork());
    if (child == 0) {
        run(back_name, name);
        exit(0);
    }
    run(name, back_name);
    must(waitpid(child, &status, 0));
    must(sem_unlink(name));
    must(sem_unlink(back_name));
    must(sem_getvalue(first, &value));
    printf("the other ended: %d, left: %d", status, value);
    must(sem_getvalue(second, &value));
    printf(" %d\n", value);
    join(start(errors, NULL));
    errors(NULL);
    return 0;
}
