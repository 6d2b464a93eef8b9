// Five threads take turns, fifteen in all, and spin for theirs with nothing that would let the others run.
#include "hog.h"

enum { THREADS = 5, TURNS = 15 };
static atomic_int turn;
static char order[TURNS + 1];

static void *player(void *arg)
{
    for (int mine = unbox(arg); mine < TURNS; mine += THREADS) {
        while (turn != mine)
            __builtin_ia32_pause();
        order[mine] = 'A' + unbox(arg);
        turn = mine + 1;
    }
    return arg;
}

int main(void)
{
    pthread_t players[THREADS];
    for (long i = THREADS - 1; i >= 0; i--)
        players[i] = start(player, box(i));
    for (int i = 0; i < THREADS; i++)
        join(players[i]);
    printf("%s\n", order);
    return 0;
}
