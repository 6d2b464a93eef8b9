// pthread_create says EAGAIN when there is no memory for another stack, under RLIMIT_AS or for a size that nobody has; what runs goes
// on, and when memory is back there are threads again.
#include "fixture.h"

enum { MOST = 200 };
static struct gate hold = GATE_CLOSED;

static void *waits(void *arg)
{
    gate_wait(&hold);
    return arg;
}

static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1)
        die("statm");
    fclose(file);
    return (rlim_t)pages * 4096;
}

int main(void)
{
    struct rlimit limit, old;
    pthread_attr_t attributes;
    pthread_t threads[MOST], thread;
    long sum = 0, expected = 0;
    int count = 0, error = 0;

    zero(pthread_attr_init(&attributes));
    zero(pthread_attr_setstacksize(&attributes, 1UL << 46));
    printf("a stack of 64 TiB: %s\n", error_name(pthread_create(&thread, &attributes, waits, NULL)));
    zero(pthread_attr_setstacksize(&attributes, 16 << 20));
    zero(pthread_create(&thread, &attributes, waits, box(5)));

    must(getrlimit(RLIMIT_AS, &old));
    limit = old;
    limit.rlim_cur = address_space() + (256 << 20);
    must(setrlimit(RLIMIT_AS, &limit));
    while (count < MOST && (error = pthread_create(&threads[count], &attributes, waits, box(count))) == 0)
        count++;
    printf("with 256 MiB left: %s, after some: %s\n", error_name(error), yes(count > 4 && count < 17));
    printf("again: %s\n", error_name(pthread_create(&threads[count], &attributes, waits, NULL)));
    gate_open(&hold);
    for (int i = 0; i < count; i++) {
        sum += unbox(join(threads[i]));
        expected += i;
    }
    printf("those that were made: %s\n", yes(sum == expected));
    printf("the first: %ld\n", unbox(join(thread)));
    printf("there is room again: %s\n", error_name(pthread_create(&thread, &attributes, waits, box(6))));
    printf("it ends: %ld\n", unbox(join(thread)));
    must(setrlimit(RLIMIT_AS, &old));
    for (int i = 0; i < 20; i++)
        zero(pthread_create(&threads[i], &attributes, waits, box(i)));
    for (int i = 0; i < 20; i++)
        join(threads[i]);
    printf("and without a limit for all\n");
    zero(pthread_attr_destroy(&attributes));
    return 0;
}
