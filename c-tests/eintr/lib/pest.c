// The pest: what `--pest` of the twin tests preloads. A timer's signal comes every millisecond for as long as the program lives; its
// handler is installed with SA_RESTART or without, as PEST says. The signal is SIGRTMAX-3, which no fixture uses.
//
// The kernel gives a process's signals to its first thread while that one takes them. A thread that calls pest_bite_me() is bitten
// too, in its turn, until pest_leave_me(). The timer doesn't pass on to a child by fork; one by exec has its own.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEST (SIGRTMAX - 3)
#define MOST 16

static struct {
    atomic_int state; // FREE, TAKEN while it's filled in, or BITTEN
    pthread_t thread;
} victims[MOST];
enum { FREE, TAKEN, BITTEN };

static pthread_t first;
static atomic_uint turn;

// Only the first thread passes a signal on: it's the one that joins the others, so it can't meet one that is gone.
static void bite(int number)
{
    if (!pthread_equal(pthread_self(), first))
        return;
    for (int i = 0; i < MOST; i++) {
        unsigned n = turn++ % MOST;
        if (victims[n].state == BITTEN) {
            pthread_kill(victims[n].thread, number);
            return;
        }
    }
}

void pest_bite_me(void)
{
    for (int i = 0; i < MOST; i++) {
        int state = FREE;
        if (atomic_compare_exchange_strong(&victims[i].state, &state, TAKEN)) {
            victims[i].thread = pthread_self();
            victims[i].state = BITTEN;
            return;
        }
    }
}

void pest_leave_me(void)
{
    for (int i = 0; i < MOST; i++)
        if (victims[i].state == BITTEN && pthread_equal(victims[i].thread, pthread_self()))
            victims[i].state = FREE;
}

__attribute__((constructor)) static void come(void)
{
    const char *how = getenv("PEST");
    struct sigaction action = {.sa_handler = bite};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = PEST};
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    if (how == NULL)
        return;
    first = pthread_self();
    action.sa_flags = strcmp(how, "restart") == 0 ? SA_RESTART : 0;
    if (sigaction(PEST, &action, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &every, NULL) != 0)
        abort();
}
