// Real-time threads, which stay native, join ordinary ones and the other way round, before and after the end; each kind creates and
// detaches the other.
#include "native.h"
#include <semaphore.h>

static sem_t detached_ended;

static void *leaf(void *arg)
{
    if (unbox(arg) % 2)
        let_it_block();
    return box(unbox(arg) + 1);
}

static void *detached(void *unused)
{
    sem_post(&detached_ended);
    return unused;
}

// A chain: each makes the next, of the other kind, and joins it.
static void *chain(void *arg)
{
    long depth = unbox(arg);
    return depth == 0 ? box(0) : box(1 + unbox(join(start_either(depth, chain, box(depth - 1)))));
}

static void *parent(void *arg)
{
    long number = unbox(arg), sum = 0;
    pthread_t threads[6];
    for (long i = 0; i < 6; i++)
        threads[i] = start_either(number + i / 2, leaf, box(i));
    for (int i = 0; i < 6; i++)
        sum += unbox(join(threads[i]));
    zero(pthread_detach(start_either(number + 1, detached, NULL)));
    return box(sum);
}

static void *leaves_by_exit(void *arg)
{
    let_it_block();
    pthread_exit(arg);
}

static void *join_it(void *arg)
{
    return box(unbox(join(*(pthread_t *)arg)) * 2);
}

int main(void)
{
    pthread_t parents[4], subject[2], joiner[2];
    must(sem_init(&detached_ended, 0, 0));
    for (long i = 0; i < 4; i++)
        parents[i] = start_either(i, parent, box(i));
    for (int i = 0; i < 4; i++)
        printf("parent %d: %ld\n", i, unbox(join(parents[i])));
    for (int i = 0; i < 4; i++)
        must(sem_wait(&detached_ended));
    printf("chain: %ld\n", unbox(join(start_either(0, chain, box(9)))));
    for (long i = 0; i < 2; i++) {
        subject[i] = start_either(i, leaves_by_exit, box(i + 20));
        joiner[i] = start_either(i + 1, join_it, &subject[i]);
    }
    for (int i = 0; i < 2; i++)
        printf("joined by the other kind: %ld\n", unbox(join(joiner[i])));
    return 0;
}
