// What threads cost each other: nanoseconds for each of the small things, one line each. Run by scripts/bench.sh natively
// and green. The argument scales the number of rounds (native threads need fewer to say the same).
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long rounds;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;
static sem_t sems[2];
static int there[2], back[2];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void *nothing(void *arg) { return arg; }

static void *cond_player(void *arg) {
    int me = (int)(long)arg;
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != me)
            pthread_cond_wait(&cond, &mutex);
        turn = !me;
        pthread_cond_signal(&cond);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *sem_player(void *arg) {
    int me = (int)(long)arg;
    for (long i = 0; i < rounds; i++) {
        sem_wait(&sems[me]);
        sem_post(&sems[!me]);
    }
    return NULL;
}

static void *yielder(void *arg) {
    for (long i = 0; i < rounds; i++)
        sched_yield();
    return arg;
}

static void *pipe_player(void *arg) {
    char byte;
    for (long i = 0; i < rounds; i++)
        if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
            abort();
    return arg;
}

// Two threads at once; nanoseconds for each of their rounds.
static double pair(void *(*run)(void *)) {
    pthread_t a, b;
    double start = now();
    pthread_create(&a, NULL, run, (void *)0L);
    pthread_create(&b, NULL, run, (void *)1L);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return (now() - start) / (2.0 * rounds);
}

int main(int argc, char **argv) {
    pthread_t t;
    char byte = 0;
    rounds = argc > 1 ? atol(argv[1]) : 20000;
    pthread_create(&t, NULL, nothing, NULL);
    pthread_join(t, NULL);

    double start = now();
    for (long i = 0; i < rounds; i++) {
        pthread_create(&t, NULL, nothing, NULL);
        pthread_join(t, NULL);
    }
    printf("create+join %.1f\n", (now() - start) / rounds);

    start = now();
    for (long i = 0; i < 10 * rounds; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
    printf("lock+unlock,_nobody_waits %.1f\n", (now() - start) / (10.0 * rounds));

    printf("yield %.1f\n", pair(yielder));
    printf("cond,_one_way %.1f\n", pair(cond_player));
    sem_init(&sems[0], 0, 1);
    sem_init(&sems[1], 0, 0);
    printf("semaphore,_one_way %.1f\n", pair(sem_player));

    if (pipe(there) != 0 || pipe(back) != 0)
        abort();
    pthread_create(&t, NULL, pipe_player, NULL);
    start = now();
    for (long i = 0; i < rounds; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            abort();
    printf("pipe,_round_trip %.1f\n", (now() - start) / rounds);
    pthread_join(t, NULL);
    return 0;
}
