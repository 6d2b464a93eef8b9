// pthread_sigqueue: an SA_SIGINFO handler on the thread that is meant sees value and sender, wherever that thread is.
#include "places.h"

static struct gate sent = GATE_CLOSED;
static pthread_t worker;
static atomic_int value, code, sender, user;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    value = info->si_value.sival_int;
    code = info->si_code;
    sender = info->si_pid;
    user = info->si_uid;
    note_handled();
}

static void send_it(void)
{
    static int next;
    next++;
    zero(pthread_sigqueue(worker, SIGUSR1, (union sigval){.sival_int = 1000 + next % 2}));
}

static void *stays(void *arg)
{
    while (!pthread_equal(pthread_self(), expected))
        sched_yield();
    unblock(SIGUSR1);
    ((const struct place *)arg)->stay();
    over = 1;
    gate_wait(&sent); // it's sent signals until here, and must live as long
    return NULL;
}

static void test(const struct place *place, int restarting)
{
    over = sent.open = 0;
    value = code = sender = user = elsewhere = 0;
    if (place->stay == mutex_place)
        zero(pthread_mutex_lock(&place_state.held));
    handle(SIGUSR1, handler, restarting ? SA_RESTART : 0);
    worker = start(stays, (void *)place);
    expected = worker;
    pester(place, restarting, send_it);
    gate_open(&sent);
    join(worker);
    printf("  value: %s, SI_QUEUE: %s, from us: %s %s, on the right thread: %s\n", yes(value == 1000 || value == 1001),
           yes(code == SI_QUEUE), yes(sender == getpid()), yes((uid_t)user == getuid()), yes(elsewhere == 0));
}

int main(void)
{
    places_init();
    block(SIGUSR1);
    for (int restarting = 0; restarting < 2; restarting++) {
        printf(restarting ? "with SA_RESTART\n" : "without SA_RESTART\n");
        for (int i = 0; i < PLACES; i++)
            test(&places[i], restarting);
    }
    return 0;
}
