// pthread_setconcurrency is a number that is kept, and changes nothing.
#include "fixture.h"

static void *thread(void *unused)
{
    printf("a thread: %d", pthread_getconcurrency());
    printf(", sets 4: %s\n", error_name(pthread_setconcurrency(4)));
    return unused;
}

int main(void)
{
    printf("at first: %d\n", pthread_getconcurrency());
    printf("3: %s\n", error_name(pthread_setconcurrency(3)));
    join(start(thread, NULL));
    printf("main: %d\n", pthread_getconcurrency());
    printf("-1: %s", error_name(pthread_setconcurrency(-1)));
    printf(", 0: %s", error_name(pthread_setconcurrency(0)));
    printf(", now: %d\n", pthread_getconcurrency());
    return 0;
}
