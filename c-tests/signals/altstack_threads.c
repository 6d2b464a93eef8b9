// Each thread has a signal stack of its own: a new one has none, what one sets stays set while others run, and handlers run on it
// if they say SA_ONSTACK, else on the thread's own.
#include "signals.h"

enum { N = 50, ROUNDS = 5, SIZE = 32 * 1024 };
static __thread char *lower; // of the thread's signal stack
static __thread volatile int on_it, flagged;
static struct gate go = GATE_CLOSED;

static void handler(int number)
{
    char local;
    stack_t now;
    (void)number;
    must(sigaltstack(NULL, &now));
    on_it = &local >= lower && &local < lower + SIZE;
    flagged = now.ss_flags == SS_ONSTACK;
    if (number == SIGUSR2)
        usleep(200); // others run, on theirs
}

static int still_set(void)
{
    stack_t now;
    must(sigaltstack(NULL, &now));
    return now.ss_sp == lower && now.ss_size == SIZE && now.ss_flags == 0;
}

// Counts what was as it should be.
static void *thread(void *unused)
{
    stack_t mine = {.ss_size = SIZE}, none = {.ss_flags = SS_DISABLE}, old;
    long right = 0;
    (void)unused;
    must(sigaltstack(NULL, &old));
    right += old.ss_flags == SS_DISABLE;
    mine.ss_sp = lower = malloc(SIZE);
    must(sigaltstack(&mine, NULL));
    gate_wait(&go);
    for (int i = 0; i < ROUNDS; i++) {
        right += still_set();
        usleep(500);
        right += still_set();
        on_it = flagged = 0;
        raise(SIGUSR1);
        right += on_it && flagged && still_set();
        on_it = flagged = 0;
        pthread_kill(pthread_self(), SIGUSR2);
        right += on_it && flagged && still_set();
        on_it = flagged = 1;
        raise(SIGHUP); // without SA_ONSTACK
        right += !on_it && !flagged && still_set();
        sched_yield();
    }
    must(sigaltstack(&none, &old));
    right += old.ss_sp == lower;
    on_it = flagged = 1;
    raise(SIGUSR1);
    right += !on_it && !flagged;
    free(lower);
    return box(right);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_RESTART};
    stack_t mine = {.ss_size = SIZE, .ss_sp = lower = malloc(SIZE)};
    pthread_t threads[N];
    int right = 0;

    must(sigaction(SIGUSR1, &action, NULL));
    must(sigaction(SIGUSR2, &action, NULL));
    action.sa_flags = SA_RESTART;
    must(sigaction(SIGHUP, &action, NULL));
    must(sigaltstack(&mine, NULL));
    for (int i = 0; i < N; i++)
        threads[i] = start(thread, NULL);
    gate_open(&go);
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i])) == 3 + ROUNDS * 5;
    printf("threads for which all was right: %d of %d\n", right, N);
    printf("main's is still set: %s\n", yes(still_set()));
    raise(SIGUSR2);
    printf("and used: %d %d\n", on_it, flagged);
    return 0;
}
