// One who was moved to a second word still runs out of time, and can be moved on to a third.
#include "futex.h"

static unsigned first, second, third;
static atomic_int waiting;

static void *waiter(void *time)
{
    atomic_store(&waiting, 1);
    return futex(&first, FUTEX_WAIT_PRIVATE, 0, time, NULL, 0) == -1 ? box(errno) : NULL;
}

static void *run(void *unused)
{
    struct timespec some = {0, 200 * 1000000};
    pthread_t thread = start(waiter, &some);
    double since = now_ms();
    printf("moved: %ld", move_exactly(&first, &second, FUTEX_PRIVATE_FLAG, 1));
    printf(", then: %s", error_name(unbox(join(thread))));
    printf(", waited: %s\n", yes(now_ms() - since >= 190));
    thread = start(waiter, NULL);
    printf("moved: %ld", move_exactly(&first, &second, FUTEX_PRIVATE_FLAG, 1));
    printf(" %ld", move_exactly(&second, &third, FUTEX_PRIVATE_FLAG, 1));
    printf(", first: %ld", must(wake(&first, FUTEX_PRIVATE_FLAG, 10)));
    printf(", second: %ld", must(wake(&second, FUTEX_PRIVATE_FLAG, 10)));
    printf(", third: %ld", must(wake(&third, FUTEX_PRIVATE_FLAG, 10)));
    printf(", then: %s\n", error_name(unbox(join(thread))));
    return unused;
}

int main(void)
{
    run(NULL);
    join(start(run, NULL));
    return 0;
}
