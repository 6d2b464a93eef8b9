// A signal from another thread, or to the process, finds a thread parked in read, asleep, at a semaphore, or computing: its handler
// runs on that thread's signal stack.
#include "places.h"

enum { SIZE = 64 * 1024 };
static char *lower;
static atomic_int on_it, flagged;
static int to_process;
static pthread_t worker;

static void handler(int number, siginfo_t *info, void *context)
{
    char local;
    stack_t now;
    (void)number, (void)info, (void)context;
    must(sigaltstack(NULL, &now));
    on_it = &local >= lower && &local < lower + SIZE;
    flagged = now.ss_flags == SS_ONSTACK && now.ss_sp == lower;
    note_handled();
}

static void send_it(void)
{
    if (to_process)
        must(kill(getpid(), SIGUSR1));
    else
        zero(pthread_kill(worker, SIGUSR1));
}

static void *stays(void *arg)
{
    stack_t mine = {.ss_sp = lower, .ss_size = SIZE};
    must(sigaltstack(&mine, NULL));
    expected = pthread_self();
    unblock(SIGUSR1);
    ((const struct place *)arg)->stay();
    block(SIGUSR1);
    over = 1;
    return NULL;
}

int main(void)
{
    places_init();
    lower = malloc(SIZE);
    block(SIGUSR1);
    handle(SIGUSR1, handler, SA_ONSTACK);
    for (to_process = 0; to_process < 2; to_process++) {
        printf(to_process ? "kill\n" : "pthread_kill\n");
        for (int i = 0; i < PLACES; i++) {
            over = on_it = flagged = elsewhere = 0;
            if (places[i].leave == mutex_leave)
                zero(pthread_mutex_lock(&place_state.held));
            worker = start(stays, (void *)&places[i]);
            pester(&places[i], 0, send_it);
            join(worker);
            printf("  on its signal stack: %s, flagged: %s, elsewhere: %d\n", yes(on_it), yes(flagged), (int)elsewhere);
        }
    }
    free(lower);
    return 0;
}
