// A hundred threads make and end thousands: joined by who made them, joined by another, detached from the first, detached later.
#include "crowd.h"
#include <semaphore.h>

enum { MAKERS = 100, ROUNDS = 50, DETACHED = 2 };
static pthread_attr_t detached;
static sem_t gone;
static long begun, joined;

static void *ends(void *arg)
{
    count(&begun);
    if (unbox(arg) % 2)
        pthread_exit(arg);
    return arg;
}

static void *yields(void *arg)
{
    sched_yield();
    return ends(arg);
}

static void *ends_unseen(void *arg)
{
    count(&begun);
    must(sem_post(&gone));
    return arg;
}

static void expect(pthread_t thread, long value)
{
    if (unbox(join(thread)) == value)
        count(&joined);
}

// Joins its older sister.
static void *joins(void *sister)
{
    count(&begun);
    expect(*(pthread_t *)sister, 7);
    return box(8);
}

static void *run(void *arg)
{
    (void)arg;
    for (long i = 0; i < ROUNDS; i++) {
        pthread_t own = start_small(yields, box(i)), older = start_small(yields, box(7)), unseen;
        pthread_t younger = start_small(joins, &older);
        zero(pthread_create(&unseen, &detached, ends_unseen, NULL));
        zero(pthread_detach(start_small(ends_unseen, NULL)));
        expect(start_small(ends, box(i)), i);
        expect(own, i);
        expect(younger, 8);
    }
    return NULL;
}

int main(void)
{
    must(sem_init(&gone, 0, 0));
    zero(pthread_attr_init(&detached));
    zero(pthread_attr_setstacksize(&detached, 64 * 1024));
    zero(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    crowd(MAKERS, run);
    for (int i = 0; i < MAKERS * ROUNDS * DETACHED; i++)
        must(sem_wait(&gone));
    printf("begun: %ld\n", begun);
    printf("joined: %ld\n", joined);
    return 0;
}
