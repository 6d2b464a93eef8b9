// The limits and errors of semaphores. A wrong time or clock is refused even when there is no need to wait.
#include "fixture.h"
#include <limits.h>
#include <semaphore.h>

static int value_of(sem_t *semaphore)
{
    int value;
    must(sem_getvalue(semaphore, &value));
    return value;
}

static void *tries(void *unused)
{
    static const struct timespec past = {1, 0}, before_all = {-1, 0}, wrong[] = {{1, -1}, {1, 1000000000}};
    sem_t semaphore;
    printf("init with too much: %s\n", answer(sem_init(&semaphore, 0, (unsigned)SEM_VALUE_MAX + 1)));
    must(sem_init(&semaphore, 0, SEM_VALUE_MAX - 1));
    printf("nearly full: post: %s", answer(sem_post(&semaphore)));
    printf(", value is the greatest: %s", yes(value_of(&semaphore) == SEM_VALUE_MAX));
    printf(", one more: %s", answer(sem_post(&semaphore)));
    printf(", wait: %s, value is one less: %s\n", answer(sem_wait(&semaphore)), yes(value_of(&semaphore) == SEM_VALUE_MAX - 1));
    must(sem_destroy(&semaphore));

    must(sem_init(&semaphore, 0, 0));
    for (int posted = 0; posted < 2; posted++) {
        printf("with %s:\n", posted ? "plenty" : "none");
        for (int i = 0; i < 20 * posted; i++)
            must(sem_post(&semaphore));
        printf("  trywait: %s", answer(sem_trywait(&semaphore)));
        printf(", past: %s", answer(sem_timedwait(&semaphore, &past)));
        printf(" %s", answer(sem_timedwait(&semaphore, &before_all)));
        printf(" %s", answer(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past)));
        printf(" %s\n", answer(sem_clockwait(&semaphore, CLOCK_REALTIME, &before_all)));
        for (int i = 0; i < 2; i++) {
            printf("  wrong time: %s", answer(sem_timedwait(&semaphore, &wrong[i])));
            printf(" %s\n", answer(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &wrong[i])));
        }
        printf("  other clocks: %s", answer(sem_clockwait(&semaphore, CLOCK_BOOTTIME, &past)));
        printf(" %s\n", answer(sem_clockwait(&semaphore, -1, &past)));
        printf("  value: %d\n", value_of(&semaphore));
    }
    must(sem_destroy(&semaphore));
    return unused;
}

int main(void)
{
    join(start(tries, NULL));
    tries(NULL);
    return 0;
}
