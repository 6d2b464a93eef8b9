// Threads of another process wait at a word in shared memory that nobody changes: it is the wake-up alone that counts, and how many
// were woken.
#include "futex.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { N = 3 };
static unsigned *gate;

static void *waits(void *unused)
{
    must(futex(gate, FUTEX_WAIT, 0, NULL, NULL, 0));
    return unused;
}

static void *wakes(void *unused)
{
    (void)unused;
    return box(wake_exactly(gate, 0, N));
}

int main(void)
{
    int status;
    gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = must(fork());
    if (child == 0) {
        pthread_t threads[N];
        for (int i = 0; i < N; i++)
            threads[i] = start(waits, NULL);
        for (int i = 0; i < N; i++)
            join(threads[i]);
        exit(0);
    }
    printf("woken: %ld\n", unbox(join(start(wakes, NULL))));
    must(waitpid(child, &status, 0));
    printf("the other ended: %d\n", status);
    return 0;
}
