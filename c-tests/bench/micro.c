// What threads cost each other: nanoseconds for each of the small things, in one process.
//
//     micro NAME|all ROUNDS      prints "NAME NANOSECONDS", per operation
//
//     create_join         a thread made and joined, one at a time
//     create_join_1000    1,000 made, then all joined; per thread
//     yield               two threads that do nothing but sched_yield; per call
//     mutex               lock and unlock, nobody else there
//     mutex_contended     lock and unlock, four threads that want it for a counter
//     cond, sem           a turn handed from one thread to another and back; one way
//     pipe                a byte to another thread through a pipe, and back through a second one; both ways
//     call                a function called that does next to nothing: a measure for the others
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "work.h"

#define AT_ONCE 1000
#define CONTENDERS 4

static long rounds;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;
static long counter;
static sem_t sems[2];
static int there[2], back[2];

static void *nothing(void *arg) { return arg; }

static void create(pthread_t *thread, void *(*run)(void *), long arg) {
    if (pthread_create(thread, NULL, run, (void *)arg) != 0) {
        fprintf(stderr, "micro: pthread_create failed\n");
        exit(1);
    }
}

static void join(pthread_t thread) {
    if (pthread_join(thread, NULL) != 0)
        abort();
}

// So many threads at once, from the first one's making to the last one's end.
static double together(int count, void *(*run)(void *)) {
    pthread_t threads[CONTENDERS];
    double start = now();
    for (int i = 0; i < count; i++)
        create(&threads[i], run, i);
    for (int i = 0; i < count; i++)
        join(threads[i]);
    return now() - start;
}

static double create_join(void) {
    pthread_t thread;
    double start = now();
    for (long i = 0; i < rounds; i++) {
        create(&thread, nothing, 0);
        join(thread);
    }
    return (now() - start) / rounds;
}

static double create_join_1000(void) {
    static pthread_t threads[AT_ONCE];
    long batches = rounds / AT_ONCE + 1;
    double start = now();
    for (long i = 0; i < batches; i++) {
        for (int j = 0; j < AT_ONCE; j++)
            create(&threads[j], nothing, 0);
        for (int j = 0; j < AT_ONCE; j++)
            join(threads[j]);
    }
    return (now() - start) / batches / AT_ONCE;
}

static void *yielder(void *arg) {
    for (long i = 0; i < rounds; i++)
        sched_yield();
    return arg;
}

static double yield(void) { return together(2, yielder) / (2.0 * rounds); }

static void *locker(void *arg) {
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static double mutex_alone(void) {
    double start = now();
    locker(NULL);
    return (now() - start) / rounds;
}

static double mutex_contended(void) {
    counter = 0;
    double took = together(CONTENDERS, locker);
    if (counter != CONTENDERS * rounds)
        abort();
    return took / counter;
}

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

static double cond_ping_pong(void) { return together(2, cond_player) / (2.0 * rounds); }

static void *sem_player(void *arg) {
    int me = (int)(long)arg;
    for (long i = 0; i < rounds; i++) {
        sem_wait(&sems[me]);
        sem_post(&sems[!me]);
    }
    return NULL;
}

static double sem_ping_pong(void) {
    sem_init(&sems[0], 0, 1);
    sem_init(&sems[1], 0, 0);
    return together(2, sem_player) / (2.0 * rounds);
}

static void *pipe_player(void *arg) {
    char byte = 0;
    int first = arg == NULL, out = first ? there[1] : back[1], in = first ? back[0] : there[0];
    for (long i = 0; i < rounds; i++) {
        if (first && write(out, &byte, 1) != 1)
            abort();
        if (read(in, &byte, 1) != 1)
            abort();
        if (!first && write(out, &byte, 1) != 1)
            abort();
    }
    return arg;
}

static double pipe_round_trip(void) {
    if (pipe(there) != 0 || pipe(back) != 0)
        abort();
    double took = together(2, pipe_player) / rounds;
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
    return took;
}

static __attribute__((noipa)) long successor(long x) { return x + 1; }

// Each call needs the result of the one before, so none begins early.
static double call(void) {
    long x = 0;
    double start = now();
    while (x < rounds)
        x = successor(x);
    return (now() - start) / rounds;
}

static const struct {
    const char *name;
    double (*measure)(void);
    long scale; // quick things need more rounds for the clock to see them
} all[] = {
    {"create_join", create_join, 1},
    {"create_join_1000", create_join_1000, 1},
    {"yield", yield, 10},
    {"mutex", mutex_alone, 10},
    {"mutex_contended", mutex_contended, 10},
    {"cond", cond_ping_pong, 1},
    {"sem", sem_ping_pong, 1},
    {"pipe", pipe_round_trip, 1},
    {"call", call, 100},
};

int main(int argc, char **argv) {
    const char *name = argc == 3 ? argv[1] : "";
    long scale = argc == 3 ? atol(argv[2]) : 0;
    int measured = 0;
    pthread_t first;
    // What is set up once, at the first thread, belongs to none of these.
    create(&first, nothing, 0);
    join(first);
    for (size_t i = 0; scale > 0 && i < sizeof all / sizeof *all; i++)
        if (strcmp(name, "all") == 0 || strcmp(name, all[i].name) == 0) {
            rounds = scale * all[i].scale;
            printf("%s %.2f\n", all[i].name, all[i].measure());
            measured++;
        }
    if (!measured)
        fprintf(stderr, "usage: micro create_join|create_join_1000|yield|mutex|mutex_contended|cond|sem|pipe|call|all ROUNDS\n");
    return measured ? 0 : 2;
}
