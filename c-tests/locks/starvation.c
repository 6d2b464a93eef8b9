// One thread takes the lock again as soon as it lets go, and holds it over a wait: another one must get it all the same.
#include "fixture.h"
#include <stdatomic.h>

enum { WANTED = 5 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int stop;

static void *greedy(void *arg)
{
    while (!atomic_load(&stop)) {
        pthread_mutex_lock(&lock);
        usleep(500);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *modest(void *arg)
{
    long got = 0;
    for (int i = 0; i < WANTED; i++) {
        pthread_mutex_lock(&lock);
        got++;
        pthread_mutex_unlock(&lock);
        usleep(500);
    }
    return box(got + unbox(arg));
}

int main(void)
{
    pthread_t first = start(greedy, NULL), second = start(greedy, NULL);
    let_it_block();
    double since = now_ms();
    printf("the modest one got it %ld times\n", unbox(join(start(modest, box(0)))));
    printf("main gets it: %s\n", error_name(pthread_mutex_lock(&lock)));
    pthread_mutex_unlock(&lock);
    printf("within 30 s: %s\n", yes(now_ms() - since < 30000));
    atomic_store(&stop, 1);
    join(first);
    join(second);
    return 0;
}
