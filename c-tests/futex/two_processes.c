// Threads of two processes take turns at a word in shared memory, at which they wait for and wake each other.
#include "futex.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { N = 3, LAPS = 60 };
static atomic_uint *turn; // whose turn it is, counted through both processes

static void *player(void *number)
{
    for (int lap = 0; lap < LAPS; lap++) {
        unsigned seen;
        while ((seen = atomic_load(turn)) % (2 * N) != unbox(number))
            futex(turn, FUTEX_WAIT, seen, NULL, NULL, 0);
        atomic_fetch_add(turn, 1);
        must(wake(turn, 0, 0x7fffffff));
    }
    return NULL;
}

static void play(int first)
{
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = start(player, box(2 * i + first));
    for (int i = 0; i < N; i++)
        join(threads[i]);
}

int main(void)
{
    int status;
    turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = must(fork());
    if (child == 0) {
        play(1);
        exit(0);
    }
    play(0);
    must(waitpid(child, &status, 0));
    printf("it ended: %d, turns: %u\n", status, atomic_load(turn));
    return 0;
}
