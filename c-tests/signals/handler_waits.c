// A handler that waits: it reads what another thread writes only when it's asked to, polls and sleeps. It runs on main, then on a
// worker, each found in read, nanosleep, cond_wait, or computing; the other threads go on meanwhile.
#include "places.h"

static int asked[2], answers[2];
static atomic_int stop, progress, wrong;
static pthread_t target;

static void handler(int number, siginfo_t *info, void *context)
{
    struct pollfd entry = {.fd = answers[0], .events = POLLIN};
    struct timespec brief = {0, 1000000};
    int saved = errno, before = progress;
    char byte = 0;
    (void)number, (void)info, (void)context;
    wrong += write(asked[1], "q", 1) != 1;
    wrong += poll(&entry, 1, 30000) != 1;
    wrong += read(answers[0], &byte, 1) != 1 || byte != 'a';
    wrong += nanosleep(&brief, NULL) != 0;
    while (progress == before)
        nanosleep(&brief, NULL);
    errno = saved;
    note_handled();
}

static void *answering(void *unused)
{
    char byte;
    while (read(asked[0], &byte, 1) == 1 && byte == 'q')
        must(write(answers[1], "a", 1));
    return unused;
}

static void *works(void *unused)
{
    while (!stop) {
        usleep(1000);
        progress++;
    }
    return unused;
}

static void send_it(void)
{
    zero(pthread_kill(target, SIGUSR1));
}

static void *pesters(void *place)
{
    pester(place, 0, send_it);
    return NULL;
}

static void *stays(void *arg)
{
    const struct place *place = arg;
    over = wrong = elsewhere = 0;
    target = expected = pthread_self();
    pthread_t sender = start(pesters, arg);
    unblock(SIGUSR1);
    place->stay();
    block(SIGUSR1);
    over = 1;
    join(sender);
    printf("  wrong in the handler: %d, elsewhere: %d\n", (int)wrong, (int)elsewhere);
    return NULL;
}

int main(void)
{
    places_init();
    must(pipe(asked));
    must(pipe(answers));
    block(SIGUSR1);
    handle(SIGUSR1, handler, 0);
    pthread_t threads[] = {start(answering, NULL), start(works, NULL)};
    for (int i = 0; i < PLACES; i++)
        if (places[i].leave != mutex_leave) {
            printf("main\n");
            stays((void *)&places[i]);
            printf("a worker\n");
            join(start(stays, (void *)&places[i]));
        }
    stop = 1;
    must(write(asked[1], "e", 1));
    join(threads[0]);
    join(threads[1]);
    return 0;
}
