// pthread_getattr_np tells where a thread's stack is: of its own and of another, for default, sized and own stacks, and for main.
#include "fixture.h"
#include <sys/mman.h>

struct report {
    char *low, *local;
    size_t size, guard;
    int state;
    struct gate ready, hold;
};

static void ask(pthread_t thread, struct report *report)
{
    pthread_attr_t attributes;
    void *low;
    zero(pthread_getattr_np(thread, &attributes));
    zero(pthread_attr_getstack(&attributes, &low, &report->size));
    zero(pthread_attr_getguardsize(&attributes, &report->guard));
    zero(pthread_attr_getdetachstate(&attributes, &report->state));
    zero(pthread_attr_destroy(&attributes));
    report->low = low;
}

// Uses its stack, waits, and asks for itself.
static void *thread(void *arg)
{
    struct report *report = arg;
    char local;
    report->local = &local;
    gate_open(&report->ready);
    gate_wait(&report->hold);
    ask(pthread_self(), report);
    return NULL;
}

static void test(const char *name, size_t stack, long guard, void *memory)
{
    struct report mine = {.ready = GATE_CLOSED, .hold = GATE_CLOSED}, theirs;
    pthread_attr_t attributes;
    pthread_t id;
    zero(pthread_attr_init(&attributes));
    if (memory)
        zero(pthread_attr_setstack(&attributes, memory, stack));
    else if (stack)
        zero(pthread_attr_setstacksize(&attributes, stack));
    if (guard >= 0)
        zero(pthread_attr_setguardsize(&attributes, guard));
    zero(pthread_attr_getstacksize(&attributes, &stack));
    zero(pthread_create(&id, &attributes, thread, &mine));
    zero(pthread_attr_destroy(&attributes));
    gate_wait(&mine.ready);
    ask(id, &theirs);
    gate_open(&mine.hold);
    join(id);
    printf("%s: local inside %s, at least as asked %s,", name,
           yes(mine.local >= mine.low && mine.local < mine.low + mine.size), yes(mine.size + mine.guard >= stack));
    printf(" the same for another %s,", yes(theirs.low == mine.low && theirs.size == mine.size && theirs.guard == mine.guard));
    if (memory)
        printf(" on the program's memory %s\n", yes(mine.low == memory && mine.size == stack));
    else
        printf(" guard %zu\n", mine.guard);
}

int main(void)
{
    struct report report;
    struct rlimit limit;
    char local;
    void *memory = mmap(NULL, 256 * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    test("default", 0, -1, NULL);
    test("64 KiB", 64 * 1024, -1, NULL);
    test("1 MiB", 1 << 20, -1, NULL);
    test("16 MiB", 16 << 20, -1, NULL);
    test("no guard", 256 * 1024, 0, NULL);
    test("a guard of 64 KiB", 256 * 1024, 64 * 1024, NULL);
    test("own", 256 * 1024, -1, memory);
    must(munmap(memory, 256 * 1024));

    ask(pthread_self(), &report);
    must(getrlimit(RLIMIT_STACK, &limit));
    printf("main: local inside %s", yes(&local >= report.low && &local < report.low + report.size));
    printf(", no more than the limit %s, guard %zu\n", yes(report.size <= limit.rlim_cur), report.guard);
    return 0;
}
