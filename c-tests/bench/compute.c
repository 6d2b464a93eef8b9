// Threads that only compute: each does the same fixed work, without a single call, and is joined; the results are checked.
//
//     compute calibrate MILLISECONDS      prints how many ROUNDS take that long here
//     compute run ROUNDS [THREADS]        THREADS (200) of them at once; prints one line of key=value:
//
// ms: from the first create to the last join; cpu_ms: processor time of the process meanwhile; wrong: results that were
// not right; last_started_ms, first_done_ms: when the last one began and the first one was done, which tells whether they
// ran side by side or one after another. Run by scripts/bench/compute.sh.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "work.h"

#define SEEDS 4

struct task {
    pthread_t thread;
    uint64_t seed, result, started, done;
};

static long rounds;

static void *compute(void *arg) {
    struct task *task = arg;
    task->started = now(); // a read of the vDSO's clock, no call of a library's
    task->result = hash(task->seed, rounds);
    task->done = now();
    return task;
}

static int run(int threads) {
    struct task *task = calloc(threads, sizeof *task);
    uint64_t expected[SEEDS], last_started = 0, first_done = UINT64_MAX;
    pthread_attr_t attr;
    int wrong = 0;
    if (!task)
        return 1;
    for (int i = 0; i < SEEDS; i++)
        expected[i] = hash(i + 1, rounds);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 * 1024);

    uint64_t start = now(), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < threads; i++) {
        task[i].seed = i % SEEDS + 1;
        if (pthread_create(&task[i].thread, &attr, compute, &task[i]) != 0) {
            fprintf(stderr, "compute: pthread_create failed\n");
            return 1;
        }
    }
    for (int i = 0; i < threads; i++) {
        void *result;
        wrong += pthread_join(task[i].thread, &result) != 0 || result != &task[i] || task[i].result != expected[i % SEEDS];
        if (task[i].started > last_started)
            last_started = task[i].started;
        if (task[i].done < first_done)
            first_done = task[i].done;
    }
    uint64_t end = now();
    cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("ms=%.1f cpu_ms=%.1f wrong=%d last_started_ms=%.1f first_done_ms=%.1f\n", (end - start) / 1e6, cpu / 1e6, wrong,
           (last_started - start) / 1e6, (first_done - start) / 1e6);
    return wrong != 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "calibrate") == 0) {
        printf("%ld\n", calibrate(atof(argv[2]) * 1e6));
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "run") == 0) {
        rounds = atol(argv[2]);
        return run(argc > 3 ? atoi(argv[3]) : 200);
    }
    fprintf(stderr, "usage: compute calibrate MILLISECONDS | run ROUNDS [THREADS]\n");
    return 2;
}
