// Spin locks: tried while another holds them over a yield, a sleep and a read; locked by many, private and shared ones.
#include "fixture.h"
#include <sched.h>

enum { N = 6, STEPS = 60 };
static pthread_spinlock_t lock;
static int line[2];
static long counter;
static struct gate held = GATE_CLOSED;

static void *holds(void *unused)
{
    char byte;
    zero(pthread_spin_lock(&lock));
    sched_yield();
    gate_open(&held);
    must(read(line[0], &byte, 1));
    usleep(500);
    zero(pthread_spin_unlock(&lock));
    return unused;
}

static void *tries(void *unused)
{
    int error = pthread_spin_trylock(&lock);
    printf("trylock: %s\n", error_name(error));
    if (error == 0)
        zero(pthread_spin_unlock(&lock));
    return unused;
}

static void *counts(void *arg)
{
    for (int step = 0; step < STEPS; step++) {
        if (step % 3)
            zero(pthread_spin_lock(&lock));
        else
            while (pthread_spin_trylock(&lock) != 0)
                sched_yield();
        long before = counter;
        if (step % 20 == unbox(arg))
            usleep(200);
        else if (step % 5 == 0)
            sched_yield();
        counter = before + 1;
        zero(pthread_spin_unlock(&lock));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[N], holding;
    zero(pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE));
    must(pipe(line));
    holding = start(holds, NULL);
    gate_wait(&held);
    tries(NULL);
    join(start(tries, NULL));
    must(write(line[1], "", 1));
    zero(pthread_spin_lock(&lock)); // waits for the holder
    printf("trylock by the owner: %s\n", error_name(pthread_spin_trylock(&lock)));
    zero(pthread_spin_unlock(&lock));
    join(holding);
    join(start(tries, NULL));
    for (int shared = 0; shared < 2; shared++) {
        zero(pthread_spin_destroy(&lock));
        zero(pthread_spin_init(&lock, shared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE));
        counter = 0;
        for (long i = 0; i < N; i++)
            threads[i] = start(counts, box(i));
        for (int i = 0; i < N; i++)
            join(threads[i]);
        printf("counted: %ld\n", counter);
    }
    printf("destroy: %s\n", error_name(pthread_spin_destroy(&lock)));
    return 0;
}
