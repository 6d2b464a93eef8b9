// A thread spins for a flag that another thread sets: one that starts later, one that started before and waited in a pipe.
#include "hog.h"

static atomic_int flags[2];
static int ends[2];

static void *spin(void *arg)
{
    return box(hog_until(&flags[unbox(arg)]) != 0);
}

static void *set_after_byte(void *unused)
{
    char byte;
    must(read(ends[0], &byte, 1));
    flags[0] = 1;
    return unused;
}

static void *set(void *unused)
{
    flags[1] = 1;
    return unused;
}

int main(void)
{
    must(pipe(ends));
    pthread_t reader = start(set_after_byte, NULL);
    pthread_t first = start(spin, box(0)), second = start(spin, box(1));
    let_it_block();
    must(write(ends[1], "x", 1));
    pthread_t setter = start(set, NULL);
    printf("spun: %ld %ld\n", unbox(join(first)), unbox(join(second)));
    join(reader);
    join(setter);
    return 0;
}
