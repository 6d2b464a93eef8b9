// What sigaltstack refuses, on main and on a thread: a stack too small, unknown flags, a change while a handler runs on it.
#include "signals.h"

enum { SIZE = 64 * 1024 };

static void handler(int number)
{
    stack_t other = {.ss_sp = malloc(SIZE), .ss_size = SIZE}, none = {.ss_flags = SS_DISABLE};
    (void)number;
    printf("  in the handler: another %s", answer(sigaltstack(&other, NULL)));
    printf(", none %s", answer(sigaltstack(&none, NULL)));
    printf(", asked only %s\n", answer(sigaltstack(NULL, &none)));
    free(other.ss_sp);
}

static void *try(void *who)
{
    char *memory = malloc(SIZE);
    stack_t small = {.ss_sp = memory, .ss_size = 100}, wrong = {.ss_sp = memory, .ss_size = SIZE, .ss_flags = 0x55};
    stack_t good = {.ss_sp = memory, .ss_size = SIZE}, none = {.ss_flags = SS_DISABLE}, old;
    stack_t least = {.ss_sp = memory, .ss_size = sysconf(_SC_MINSIGSTKSZ)};
    stack_t flagged = {.ss_sp = memory, .ss_size = SIZE, .ss_flags = SS_ONSTACK};

    printf("%s\n", (char *)who);
    printf("  too small: %s", answer(sigaltstack(&small, NULL)));
    printf(", the smallest: %s", answer(sigaltstack(&least, NULL)));
    printf(", unknown flags: %s\n", answer(sigaltstack(&wrong, NULL)));
    must(sigaltstack(NULL, &old));
    printf("  the smallest is set: %s\n", yes(old.ss_sp == memory && old.ss_size == least.ss_size && old.ss_flags == 0));
    printf("  SS_ONSTACK as a flag: %s\n", answer(sigaltstack(&flagged, NULL)));
    must(sigaltstack(NULL, &old));
    printf("  then it is set: %s, flags %d\n", yes(old.ss_sp == memory && old.ss_size == SIZE), old.ss_flags);
    must(sigaltstack(&good, NULL));
    raise(SIGUSR1);
    printf("  neither nor: %s\n", answer(sigaltstack(NULL, NULL)));
    must(sigaltstack(&none, &old));
    printf("  it was set: %s\n", yes(old.ss_sp == memory));
    must(sigaltstack(NULL, &old));
    printf("  and is no more: %s\n", yes(old.ss_flags == SS_DISABLE));
    free(memory);
    return NULL;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    must(sigaction(SIGUSR1, &action, NULL));
    try("main");
    join(start(try, "a thread"));
    return 0;
}
