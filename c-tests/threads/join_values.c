// What a thread returns is what join gives, however it ended and whether it ended before or after the join began.
#include "fixture.h"

static void *returns(void *arg)
{
    return arg;
}

static void *exits(void *arg)
{
    pthread_exit(arg);
}

static void *waits(void *arg)
{
    gate_wait(arg);
    return box(33);
}

static void *opens(void *arg)
{
    let_it_block(); // main should be in its join by now
    gate_open(arg);
    return NULL;
}

int main(void)
{
    static struct gate gate = GATE_CLOSED;
    int local = 7;
    pthread_t late, opener;

    printf("returned: %ld\n", unbox(join(start(returns, box(11)))));
    printf("exited: %ld\n", unbox(join(start(exits, box(22)))));
    printf("a pointer: %d\n", *(int *)join(start(returns, &local)));
    printf("all bits: %lx\n", (unsigned long)join(start(returns, box(-1))));
    printf("null: %s\n", yes(join(start(returns, NULL)) == NULL));

    late = start(waits, &gate);
    opener = start(opens, &gate);
    printf("joined while it ran: %ld\n", unbox(join(late)));
    join(opener);

    late = start(returns, box(44));
    let_it_block(); // over before anybody joins
    printf("joined after it ended: %ld\n", unbox(join(late)));
    printf("without asking for the value: %s\n", error_name(pthread_join(start(returns, box(1)), NULL)));
    return 0;
}
