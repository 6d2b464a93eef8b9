// Many threads that sleep until one moment: how many there can be, what they take, and how late the last one wakes.
// sleepers COUNT SECONDS: one line of "name value" pairs.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct timespec moment;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static double latest;
static long early;

static double seconds(const struct timespec *t) { return t->tv_sec + t->tv_nsec / 1e9; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return seconds(&t);
}

static void *sleeper(void *arg) {
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
    double late = now() - seconds(&moment);
    pthread_mutex_lock(&mutex);
    if (late > latest)
        latest = late;
    early += late < 0;
    pthread_mutex_unlock(&mutex);
    return arg;
}

static long status(const char *name) {
    char line[256];
    long value = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    if (f)
        fclose(f);
    return value;
}

int main(int argc, char **argv) {
    long wanted = argc > 1 ? atol(argv[1]) : 10000, count = 0, joined = 0;
    pthread_t *threads = malloc(wanted * sizeof *threads);
    double start = now();
    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += argc > 2 ? atol(argv[2]) : 5;
    while (count < wanted && pthread_create(&threads[count], NULL, sleeper, (void *)count) == 0)
        count++;
    double made = now() - start;
    long rss = status("VmRSS:"), kernel = status("Threads:");
    for (long i = 0; i < count; i++) {
        void *result;
        joined += pthread_join(threads[i], &result) == 0 && result == (void *)i;
    }
    printf("threads %ld joined %ld microseconds_to_create_each %.1f rss_KiB_each %.1f kernel_threads %ld woke_early %ld "
           "last_woke_late_ms %.0f\n",
           count, joined, made * 1e6 / count, (double)rss / count, kernel, early, latest * 1e3);
    return joined != count;
}
