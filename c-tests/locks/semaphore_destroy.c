// A semaphore lives on the waiter's stack, and is destroyed and overwritten as soon as the wait returns: the poster may not touch
// it any more.
#include "fixture.h"
#include <semaphore.h>

enum { N = 6, STEPS = 100 };
struct request {
    struct request *next;
    long number;
    sem_t done;
};
static struct request *requests;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t any;

static void *serves(void *unused)
{
    for (;;) {
        must(sem_wait(&any));
        zero(pthread_mutex_lock(&lock));
        struct request *request = requests;
        requests = request->next;
        zero(pthread_mutex_unlock(&lock));
        long number = request->number;
        request->number = -number;
        must(sem_post(&request->done));
        if (number == 0)
            return unused;
    }
}

static long ask(long number)
{
    struct request request = {.number = number};
    must(sem_init(&request.done, 0, 0));
    zero(pthread_mutex_lock(&lock));
    request.next = requests;
    requests = &request;
    zero(pthread_mutex_unlock(&lock));
    must(sem_post(&any));
    must(sem_wait(&request.done));
    must(sem_destroy(&request.done));
    number = request.number;
    memset(&request, 0xee, sizeof request);
    return number;
}

static void *asks(void *unused)
{
    long right = 0;
    (void)unused;
    for (int i = 1; i <= STEPS; i++)
        right += ask(i) == -i;
    return box(right);
}

int main(void)
{
    pthread_t threads[N], servers[2];
    long right = 0;
    must(sem_init(&any, 0, 0));
    for (int i = 0; i < 2; i++)
        servers[i] = start(serves, NULL);
    for (int i = 0; i < N; i++)
        threads[i] = start(asks, NULL);
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i]));
    for (int i = 0; i < 2; i++)
        ask(0);
    for (int i = 0; i < 2; i++)
        join(servers[i]);
    printf("right: %ld of %d\n", right, N * STEPS);
    return 0;
}
