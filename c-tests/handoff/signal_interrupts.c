// A thread computes while main waits in pause, read, nanosleep and poll: a periodic SIGALRM without SA_RESTART ends each with EINTR.
#include "hog.h"
#include <poll.h>
#include <signal.h>
#include <sys/time.h>

static atomic_int stop, handled;

static void handler(int signal)
{
    (void)signal;
    handled++;
}

static void *hog(void *unused)
{
    (void)unused;
    return box(hog_until(&stop) != 0);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct itimerval every = {{0, 15000}, {0, 15000}}, never = {{0, 0}, {0, 0}};
    struct timespec long_time = {30, 0};
    char byte;
    int ends[2];

    must(pipe(ends));
    must(sigaction(SIGALRM, &action, NULL));
    pthread_t hogging = start(hog, NULL);
    must(setitimer(ITIMER_REAL, &every, NULL));
    printf("pause: %s\n", answer(pause()));
    printf("read: %s\n", answer(read(ends[0], &byte, 1)));
    printf("nanosleep: %s\n", answer(nanosleep(&long_time, NULL)));
    printf("poll: %s\n", answer(poll(NULL, 0, 30000)));
    must(setitimer(ITIMER_REAL, &never, NULL));
    stop = 1;
    printf("the other computed: %ld\n", unbox(join(hogging)));
    printf("handled: %s\n", yes(handled >= 4));
    return 0;
}
