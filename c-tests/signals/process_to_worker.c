// Signals to the process, which main and the sender block: their handler runs on the one thread that doesn't, wherever that is.
// Its call ends with EINTR, or restarts; main waits in pthread_join or in pthread_cond_wait meanwhile, undisturbed.
#include "places.h"

static struct gate left = GATE_CLOSED;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    note_handled();
}

static void send_it(void)
{
    must(kill(getpid(), SIGUSR1));
}

struct job {
    const struct place *place;
    int restarting;
};

static void *stays(void *arg)
{
    expected = pthread_self();
    unblock(SIGUSR1);
    ((struct job *)arg)->place->stay();
    block(SIGUSR1);
    over = 1;
    return NULL;
}

static void *sends(void *arg)
{
    struct job *job = arg;
    pester(job->place, job->restarting, send_it);
    gate_open(&left);
    return NULL;
}

int main(void)
{
    places_init();
    block(SIGUSR1);
    for (int restarting = 0; restarting < 2; restarting++) {
        printf(restarting ? "with SA_RESTART\n" : "without SA_RESTART\n");
        handle(SIGUSR1, handler, restarting ? SA_RESTART : 0);
        for (int i = 0; i < PLACES; i++) {
            struct job job = {&places[i], restarting};
            if (places[i].leave == mutex_leave)
                continue; // the sender unlocks what it didn't lock
            over = handled = elsewhere = left.open = 0;
            pthread_t worker = start(stays, &job), sender = start(sends, &job);
            if (i % 2)
                gate_wait(&left);
            join(worker);
            join(sender);
            printf("  handled: %s, elsewhere: %d\n", yes(handled > 0), (int)elsewhere);
        }
    }
    return 0;
}
