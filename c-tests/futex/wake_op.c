// FUTEX_WAKE_OP changes a second word by each of its operations, wakes at the first, and at the second if what that held before
// compares right.
#include "futex.h"

enum { FIRST = 3, SECOND = 2 };
static unsigned first, second;
static int flags;

static void *waits_first(void *unused)
{
    must(futex(&first, FUTEX_WAIT | flags, 0, NULL, NULL, 0));
    return unused;
}

static void *waits_second(void *unused)
{
    must(futex(&second, FUTEX_WAIT | flags, 6, NULL, NULL, 0));
    return unused;
}

static void compute(const char *what, int operation, int argument)
{
    second = 6;
    printf("  %s: %s", what, answer(futex(&first, FUTEX_WAKE_OP | flags, 1, count(1), &second, FUTEX_OP(operation, argument, 0, 6))));
    printf(", 6 became %d\n", (int)second);
}

static void compare(const char *what, int comparison, int expected[3])
{
    printf("  6 %s 5, 6, 7:", what);
    for (int i = 0; i < 3; i++) {
        pthread_t thread = start(waits_second, NULL);
        long woken;
        if (!expected[i])
            let_it_block();
        double until = now_ms() + 20000; // it may still be on its way to the wait
        do
            woken = must(futex(&first, FUTEX_WAKE_OP | flags, 1, count(1), &second, FUTEX_OP(FUTEX_OP_OR, 0, comparison, (5 + i))));
        while (woken == 0 && expected[i] && now_ms() < until && usleep(500) == 0);
        printf(" %ld", woken);
        if (woken == 0)
            printf("+%ld", wake_exactly(&second, flags, 1));
        join(thread);
    }
    printf("\n");
}

static void *run(void *flavour)
{
    pthread_t threads[FIRST + SECOND];
    flags = unbox(flavour);
    compute("set", FUTEX_OP_SET, 9);
    compute("add", FUTEX_OP_ADD, -2);
    compute("or", FUTEX_OP_OR, 8);
    compute("andn", FUTEX_OP_ANDN, 2);
    compute("xor", FUTEX_OP_XOR, 5);
    compute("set a shifted one", FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 10);
    compute("no such operation", 7, 0);
    second = 6;
    compare("equal", FUTEX_OP_CMP_EQ, (int[]){0, 1, 0});
    compare("not equal", FUTEX_OP_CMP_NE, (int[]){1, 0, 1});
    compare("less", FUTEX_OP_CMP_LT, (int[]){0, 0, 1});
    compare("less or equal", FUTEX_OP_CMP_LE, (int[]){0, 1, 1});
    compare("greater", FUTEX_OP_CMP_GT, (int[]){1, 0, 0});
    compare("greater or equal", FUTEX_OP_CMP_GE, (int[]){1, 1, 0});

    long woken = 0, most = 0;
    for (int i = 0; i < FIRST + SECOND; i++)
        threads[i] = start(i < FIRST ? waits_first : waits_second, NULL);
    for (double until = now_ms() + 20000; woken < FIRST + SECOND && now_ms() < until; usleep(500)) {
        long now = must(futex(&first, FUTEX_WAKE_OP | flags, 1, count(1), &second, FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 6)));
        woken += now;
        most = now > most ? now : most;
    }
    printf("  one of each at a time: %ld, never more: %s\n", woken, yes(most <= 2));
    for (int i = 0; i < FIRST + SECOND; i++)
        join(threads[i]);
    return NULL;
}

int main(void)
{
    printf("private, a thread\n");
    join(start(run, box(FUTEX_PRIVATE_FLAG)));
    printf("shared, main\n");
    run(box(0));
    return 0;
}
