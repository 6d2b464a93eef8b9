// env: GREEN_MAX_THREADS=4
// stderr-green: at most 4 at once
// With GREEN_MAX_THREADS pthread_create waits until there's room: all threads run, so many at once.
#include "fixture.h"
#include <stdatomic.h>

enum { N = 200 };
static atomic_int now, most, ran;

static void *works(void *unused)
{
    int inside = ++now, seen = most;
    while (inside > seen && !atomic_compare_exchange_weak(&most, &seen, inside))
        ;
    usleep(500);
    ran++;
    now--;
    return unused;
}

int main(void)
{
    pthread_attr_t detached;
    zero(pthread_attr_init(&detached));
    zero(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    for (int i = 0; i < N; i++) {
        pthread_t thread;
        zero(pthread_create(&thread, &detached, works, NULL));
    }
    while (ran < N)
        usleep(1000);
    printf("ran: %d\n", ran);
    fprintf(stderr, "at most %d at once\n", most);
    return 0;
}
