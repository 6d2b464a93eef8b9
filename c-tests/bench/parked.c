// Very many threads that wait at one condition variable: how many there can be, what each takes, and how long they take
// to come and to go.
//
//     parked COUNT [STACK_BYTES]      prints one line of key=value:
//
//     held          threads that waited, all at once: fewer than COUNT when pthread_create failed
//     created_ns    each, from the first pthread_create until the last one waits
//     joined_ns     each, from the broadcast that ends the wait to the last pthread_join
//     rss_kib, vmpte_kib                        what the process grew by: resident, and page tables
//     kstack_kib, slab_kib, pagetables_kib      what the kernel's own memory grew by, on the whole machine
//
// Exit status: 0 when all were held and each ended with its own result, 1 when not, 2 for a wrong call.
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>

#include "bench.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_wait = PTHREAD_COND_INITIALIZER, end = PTHREAD_COND_INITIALIZER;
static long waiting, wanted = LONG_MAX;
static int ended;

static void *park(void *arg) {
    pthread_mutex_lock(&mutex);
    if (++waiting == wanted)
        pthread_cond_signal(&all_wait);
    while (!ended)
        pthread_cond_wait(&end, &mutex);
    pthread_mutex_unlock(&mutex);
    return arg;
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 0, stack = argc > 2 ? atol(argv[2]) : 0, held = 0, joined = 0;
    pthread_t *threads = malloc(count * sizeof *threads);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    if (count < 1 || !threads || (stack && pthread_attr_setstacksize(&attr, stack) != 0)) {
        fprintf(stderr, "usage: parked COUNT [STACK_BYTES]\n");
        return 2;
    }
    memset(threads, 0, count * sizeof *threads); // so that it doesn't count with the threads

    struct memory before = memory_of(getpid());
    long tables = proc_number("/proc/self/status", "VmPTE");
    uint64_t start = now();
    while (held < count && (errno = pthread_create(&threads[held], &attr, park, (void *)held)) == 0)
        held++;
    if (held < count)
        fprintf(stderr, "parked: pthread_create: %s\n", strerror(errno));
    pthread_mutex_lock(&mutex);
    wanted = held;
    while (waiting < held)
        pthread_cond_wait(&all_wait, &mutex);
    pthread_mutex_unlock(&mutex);
    uint64_t made = now() - start;
    struct memory after = memory_of(getpid());
    tables = proc_number("/proc/self/status", "VmPTE") - tables;

    start = now();
    pthread_mutex_lock(&mutex);
    ended = 1;
    pthread_cond_broadcast(&end);
    pthread_mutex_unlock(&mutex);
    for (long i = 0; i < held; i++) {
        void *result;
        joined += pthread_join(threads[i], &result) == 0 && result == (void *)i;
    }
    uint64_t over = now() - start;
    if (joined < held)
        fprintf(stderr, "parked: only %ld of %ld threads ended with their own result\n", joined, held);
    printf("held=%ld created_ns=%.1f joined_ns=%.1f ", held, held ? (double)made / held : 0, held ? (double)over / held : 0);
    printf("rss_kib=%ld vmpte_kib=%ld kstack_kib=%ld slab_kib=%ld pagetables_kib=%ld\n", after.rss - before.rss, tables,
           after.kernel_stacks - before.kernel_stacks, after.slab - before.slab, after.page_tables - before.page_tables);
    return held == count && joined == held ? 0 : 1;
}
