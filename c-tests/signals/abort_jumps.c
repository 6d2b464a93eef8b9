// A handler of SIGABRT that jumps out of abort keeps the process alive.
#include "signals.h"
#include <setjmp.h>

static __thread sigjmp_buf back;

static void handler(int number)
{
    siglongjmp(back, number);
}

static void *aborts(void *who)
{
    for (volatile int i = 0; i < 3; i++) {
        int number = sigsetjmp(back, 1);
        if (number == 0)
            abort();
        printf("%s: SIG%s, blocked after: %d\n", (char *)who, sigabbrev_np(number), is_blocked(SIGABRT));
    }
    return NULL;
}

int main(void)
{
    signal(SIGABRT, handler);
    join(start(aborts, "a thread"));
    aborts("main");
    join(start(aborts, "another thread"));
    return 0;
}
