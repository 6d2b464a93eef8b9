// Five threads take turns, fifty in all, and spin for theirs with sched_yield; a sixth spins without it until they are done.
#include "hog.h"

enum { THREADS = 5, TURNS = 50 };
static atomic_int turn, done;
static char order[TURNS + 1];

static void *player(void *arg)
{
    for (int mine = unbox(arg); mine < TURNS; mine += THREADS) {
        while (turn != mine)
            sched_yield();
        order[mine] = 'A' + unbox(arg);
        turn = mine + 1;
    }
    return arg;
}

static void *spectator(void *unused)
{
    (void)unused;
    return box(hog_until(&done) != 0);
}

int main(void)
{
    pthread_t players[THREADS], watching = start(spectator, NULL);
    for (long i = 0; i < THREADS; i++)
        players[i] = start(player, box(i));
    for (int i = 0; i < THREADS; i++)
        join(players[i]);
    done = 1;
    printf("%s, %ld watching\n", order, unbox(join(watching)));
    return 0;
}
