// Mutexes with a priority ceiling. An ordinary thread has no real-time priority to raise, so lock refuses (and, having noted the
// ceiling, glibc lets the next call have the mutex all the same); the ceiling itself can be asked for and set.
#include "fixture.h"
#include <sched.h>

static void *tries(void *unused)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    int protocol, ceiling, old = -1;
    struct timespec past = {1, 0};
    zero(pthread_mutexattr_init(&attributes));
    printf("no such protocol: %s\n", error_name(pthread_mutexattr_setprotocol(&attributes, 77)));
    zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT));
    zero(pthread_mutexattr_getprotocol(&attributes, &protocol));
    printf("protects: %s\n", yes(protocol == PTHREAD_PRIO_PROTECT));
    printf("ceilings: %s", error_name(pthread_mutexattr_setprioceiling(&attributes, 0)));
    printf(" %s", error_name(pthread_mutexattr_setprioceiling(&attributes, sched_get_priority_max(SCHED_FIFO) + 1)));
    printf(" %s", error_name(pthread_mutexattr_setprioceiling(&attributes, 10)));
    zero(pthread_mutexattr_getprioceiling(&attributes, &ceiling));
    printf(", reads back: %d\n", ceiling);
    zero(pthread_mutex_init(&mutex, &attributes));
    ceiling = -1;
    printf("mutex: getprioceiling: %s", error_name(pthread_mutex_getprioceiling(&mutex, &ceiling)));
    printf(", %d\n", ceiling);
    printf("setprioceiling: %s", error_name(pthread_mutex_setprioceiling(&mutex, 20, &old)));
    zero(pthread_mutex_getprioceiling(&mutex, &ceiling));
    printf(", was: %d, is: %d", old, ceiling);
    printf(", out of range: %s\n", error_name(pthread_mutex_setprioceiling(&mutex, 1000, &old)));
    printf("lock: %s\n", error_name(pthread_mutex_lock(&mutex)));
    printf("trylock: %s\n", error_name(pthread_mutex_trylock(&mutex)));
    printf("timedlock: %s\n", error_name(pthread_mutex_timedlock(&mutex, &past)));
    printf("destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));

    zero(pthread_mutex_init(&mutex, NULL));
    printf("without a ceiling: get: %s", error_name(pthread_mutex_getprioceiling(&mutex, &ceiling)));
    printf(", set: %s\n", error_name(pthread_mutex_setprioceiling(&mutex, 10, &old)));
    return unused;
}

int main(void)
{
    join(start(tries, NULL));
    tries(NULL);
    return 0;
}
