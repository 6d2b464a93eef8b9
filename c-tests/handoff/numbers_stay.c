// A thread sleeps in the kernel again and again, by a call that nobody sees, while main opens and closes: each time it gets the
// lowest number that is free, whatever is looked up meanwhile about the sleeper.
// pest: none
#include "hog.h"
#include "../fds/raw.h"
#include <fcntl.h>
#include <stdatomic.h>

static atomic_int over;

static void *sleeper(void *unused)
{
    struct timespec pause = {.tv_nsec = 30000000};
    for (int i = 0; i < 10; i++)
        raw_call(SYS_nanosleep, (long)&pause, 0, 0);
    atomic_store(&over, 1);
    return unused;
}

int main(void)
{
    int lowest = must(open("/dev/null", O_RDONLY));
    long others = 0;
    must(close(lowest));
    pthread_t thread = start(sleeper, NULL);
    while (!atomic_load(&over)) {
        int file = must(open("/dev/null", O_RDONLY));
        others += file != lowest;
        must(close(file));
        sched_yield();
    }
    join(thread);
    printf("other numbers: %ld\n", others);
    return 0;
}
