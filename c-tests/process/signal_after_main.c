// main has left by pthread_exit; a signal is handled all the same, and then the process idles: it does not burn a processor.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile sig_atomic_t handled;

static void on_signal(int number) {
    (void)number;
    handled++;
}

static void *worker(void *arg) {
    struct rusage used;
    usleep(50000);
    kill(getpid(), SIGUSR1);
    usleep(600000);
    getrusage(RUSAGE_SELF, &used);
    long ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
    printf("handled %d, busy meanwhile: %s\n", (int)handled, ms > 300 ? "yes" : "no");
    return arg;
}

int main(void) {
    pthread_t thread;
    signal(SIGUSR1, on_signal);
    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    pthread_exit(NULL);
}
