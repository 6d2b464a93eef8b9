// What docs/trace.svg shows: eight connections whose clients think for a while and then ask, and a thread that blocks for 40 ms in a raw
// system call, which nobody can hook: its hub goes on on another kernel thread. Ends by itself, since a trace is written when the process exits.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 8
#define REQUESTS 12

static int ends[CONNECTIONS][2];

static void call_me(const char *what, long n) {
    char name[16];
    snprintf(name, sizeof name, "%s-%ld", what, n);
    pthread_setname_np(pthread_self(), name);
}

static void compute(long ns) {
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - began.tv_sec) * 1000000000 + now.tv_nsec - began.tv_nsec < ns);
}

static void *serve(void *arg) {
    char c;
    call_me("serve", (long)arg);
    while (recv(ends[(long)arg][0], &c, 1, 0) == 1) {
        compute(200000 + 50000 * (long)arg);
        send(ends[(long)arg][0], &c, 1, 0);
    }
    return NULL;
}

static void *ask(void *arg) {
    char c = 'x';
    call_me("client", (long)arg);
    for (int i = 0; i < REQUESTS; i++) {
        usleep(3000 + 700 * (long)arg);
        send(ends[(long)arg][1], &c, 1, 0);
        recv(ends[(long)arg][1], &c, 1, 0);
    }
    close(ends[(long)arg][1]);
    return NULL;
}

static void *block(void *arg) {
    call_me("block", (long)arg);
    usleep(20000);
    syscall(SYS_nanosleep, &(struct timespec){0, 40000000}, NULL);
    return NULL;
}

int main(void) {
    pthread_t ids[2 * CONNECTIONS + 1];
    for (long n = 0; n < CONNECTIONS; n++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends[n]))
            return 1;
        pthread_create(&ids[2 * n], NULL, serve, (void *)n);
        pthread_create(&ids[2 * n + 1], NULL, ask, (void *)n);
    }
    pthread_create(&ids[2 * CONNECTIONS], NULL, block, NULL);
    for (int n = 0; n < 2 * CONNECTIONS + 1; n++)
        pthread_join(ids[n], NULL);
    return 0;
}
