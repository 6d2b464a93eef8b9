// A thread computes for 40 ms with a mutex locked. Others wait for the mutex, one with a time limit; two talk meanwhile.
#include "hog.h"

enum { WAITERS = 4 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gate held = GATE_CLOSED;
static long begun, ended;
static int ends[2];

static void *holder(void *unused)
{
    pthread_mutex_lock(&lock);
    begun++;
    gate_open(&held);
    hog_ms(40);
    ended++;
    pthread_mutex_unlock(&lock);
    return unused;
}

static void *waiter(void *unused)
{
    (void)unused;
    gate_wait(&held);
    pthread_mutex_lock(&lock);
    long whole = begun == ended;
    pthread_mutex_unlock(&lock);
    return box(whole);
}

// Long enough to get it after some tries.
static void *patient(void *unused)
{
    long tries = 0;
    (void)unused;
    gate_wait(&held);
    for (struct timespec until; tries < 1000; tries++) {
        until = in_ms(CLOCK_REALTIME, 5);
        if (pthread_mutex_timedlock(&lock, &until) == 0)
            break;
    }
    long whole = begun == ended;
    pthread_mutex_unlock(&lock);
    return box(whole);
}

static void *talker(void *unused)
{
    (void)unused;
    gate_wait(&held);
    long right = talk(ends[0], 50);
    must(shutdown(ends[0], SHUT_WR));
    return box(right);
}

int main(void)
{
    pthread_t waiters[WAITERS];
    stream_pair(ends);
    pthread_t trying = start(patient, NULL), talking = start(talker, NULL), echoing = start(echo, box(ends[1]));
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start(waiter, NULL);
    pthread_t holding = start(holder, NULL);
    printf("talked: %ld\n", unbox(join(talking)));
    printf("echoed: %ld\n", unbox(join(echoing)));
    for (int i = 0; i < WAITERS; i++)
        printf("saw it whole: %ld\n", unbox(join(waiters[i])));
    printf("saw it whole, with a time limit: %ld\n", unbox(join(trying)));
    join(holding);
    return 0;
}
