// SIGSEGV, SIGBUS, SIGFPE and SIGILL on workers and on main: the handler sees number, code and address, and jumps back.
#include "signals.h"
#include <setjmp.h>
#include <sys/mman.h>

enum { N = 4, ROUNDS = 20 };
static __thread sigjmp_buf back;
static __thread siginfo_t seen;
static char *nothing, *readonly, *beyond;
static volatile int dividend = 100, divisor = 0;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    seen = *info;
    siglongjmp(back, 1);
}

static void unmapped(void) { *(volatile char *)(nothing + 123) = 1; }
static void forbidden(void) { *(volatile char *)(readonly + 45) = 1; }
static void past_the_end(void) { *(volatile char *)(beyond + 6) = 1; }
static void divides(void) { dividend = dividend / divisor; }
static void illegal(void) { __asm__ volatile("ud2"); }

static const struct fault {
    void (*commit)(void);
    int number, code;
    char **base;
    int offset;
} faults[] = {
    {unmapped, SIGSEGV, SEGV_MAPERR, &nothing, 123}, {forbidden, SIGSEGV, SEGV_ACCERR, &readonly, 45},
    {past_the_end, SIGBUS, BUS_ADRERR, &beyond, 6},  {divides, SIGFPE, FPE_INTDIV, NULL, 0},
    {illegal, SIGILL, ILL_ILLOPN, NULL, 0},
};
enum { FAULTS = sizeof faults / sizeof *faults };

static void *faulty(void *unused)
{
    volatile long right = 0;
    (void)unused;
    for (volatile int round = 0; round < ROUNDS; round++)
        for (volatile int i = 0; i < FAULTS; i++) {
            const struct fault *fault = &faults[i];
            if (sigsetjmp(back, 1) == 0)
                fault->commit();
            else
                right += seen.si_signo == fault->number && seen.si_code == fault->code && !is_blocked(fault->number) &&
                         (!fault->base || seen.si_addr == *fault->base + fault->offset);
            if (i == 2)
                usleep(100);
        }
    return box(right);
}

int main(void)
{
    pthread_t threads[N];
    FILE *file = tmpfile();
    nothing = (char *)0x1000; // a page that is never mapped
    readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    beyond = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0); // the file is empty
    if (readonly == MAP_FAILED || beyond == MAP_FAILED)
        die("mmap");
    for (int i = 0; i < FAULTS; i++)
        handle(faults[i].number, handler, 0);
    for (int i = 0; i < N; i++)
        threads[i] = start(faulty, NULL);
    printf("main: %ld of %d\n", unbox(faulty(NULL)), ROUNDS * FAULTS);
    for (int i = 0; i < N; i++)
        printf("thread: %ld of %d\n", unbox(join(threads[i])), ROUNDS * FAULTS);
    return 0;
}
