// Threads that wait, each for something else: time, a TCP connection, a socketpair, a lock that main holds. One computes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int before;
    pthread_mutex_t lock;
} shared = {1, PTHREAD_MUTEX_INITIALIZER};
static int accepted, pair[2];

static void *sleeper(void *arg)
{
    pthread_setname_np(pthread_self(), "sleeper");
    sleep(1000); // sleeper waits
    return arg;
}

static void *reader(void *arg)
{
    char byte;
    pthread_setname_np(pthread_self(), "reader");
    read(accepted, &byte, 1); // reader waits
    return arg;
}

static void *pair_reader(void *arg)
{
    char byte;
    pthread_setname_np(pthread_self(), "pair_reader");
    recv(pair[0], &byte, 1, 0);
    return arg;
}

static void *locker(void *arg)
{
    pthread_setname_np(pthread_self(), "locker");
    pthread_mutex_lock(&shared.lock); // locker waits
    return arg;
}

static void *hog(void *arg)
{
    pthread_setname_np(pthread_self(), "hog");
    for (volatile long n = 0;; n++)
        ;
    return arg;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 5) ||
        getsockname(listener, (struct sockaddr *)&address, &size) || connect(client, (struct sockaddr *)&address, size))
        return 1;
    accepted = accept(listener, NULL, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pthread_mutex_lock(&shared.lock);
    pthread_create(&thread, NULL, sleeper, NULL);
    pthread_create(&thread, NULL, reader, NULL);
    pthread_create(&thread, NULL, pair_reader, NULL);
    pthread_create(&thread, NULL, locker, NULL);
    pthread_create(&thread, NULL, hog, NULL);
    pthread_join(thread, NULL); // main waits
    return 0;
}
