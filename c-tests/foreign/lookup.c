// getaddrinfo_a looks up numeric addresses on libc's threads, which then call the program back; threads wait for the calls.
#include "fixture.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <signal.h>

enum { THREADS = 4, NAMES = 5 };
struct lookup {
    struct gaicb request[NAMES], *list[NAMES];
    char name[NAMES][20];
    pthread_mutex_t lock;
    pthread_cond_t finished;
    int ready;
};

static void all_found(union sigval value)
{
    struct lookup *lookup = value.sival_ptr;
    pthread_mutex_lock(&lookup->lock);
    lookup->ready = 1;
    pthread_cond_signal(&lookup->finished);
    pthread_mutex_unlock(&lookup->lock);
}

static void *look_up(void *arg)
{
    static const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct lookup *lookup = calloc(1, sizeof *lookup);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD};
    long right = 0;

    zero(pthread_mutex_init(&lookup->lock, NULL));
    zero(pthread_cond_init(&lookup->finished, NULL));
    for (int i = 0; i < NAMES; i++) {
        snprintf(lookup->name[i], sizeof lookup->name[i], "10.0.%ld.%d", unbox(arg), i);
        lookup->request[i].ar_name = lookup->name[i];
        lookup->request[i].ar_request = &numeric;
        lookup->list[i] = &lookup->request[i];
    }
    event.sigev_notify_function = all_found;
    event.sigev_value.sival_ptr = lookup;
    zero(getaddrinfo_a(GAI_NOWAIT, lookup->list, NAMES, &event));
    pthread_mutex_lock(&lookup->lock);
    while (!lookup->ready)
        pthread_cond_wait(&lookup->finished, &lookup->lock);
    pthread_mutex_unlock(&lookup->lock);
    for (int i = 0; i < NAMES; i++) {
        char text[INET_ADDRSTRLEN];
        if (gai_error(lookup->list[i]) != 0)
            continue;
        struct sockaddr_in *address = (struct sockaddr_in *)lookup->request[i].ar_result->ai_addr;
        right += strcmp(inet_ntop(AF_INET, &address->sin_addr, text, sizeof text), lookup->name[i]) == 0;
        freeaddrinfo(lookup->request[i].ar_result);
    }
    return box(right); // the lookup itself stays: its thread may still be unlocking
}

int main(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(look_up, box(i));
    for (int i = 0; i < THREADS; i++)
        printf("thread %d: %ld addresses\n", i, unbox(join(threads[i])));
    return 0;
}
