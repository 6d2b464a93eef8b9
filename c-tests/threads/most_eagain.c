// env: GREEN_MAX_THREADS=5:eagain
// stderr-green: created 5, then EAGAIN
// With GREEN_MAX_THREADS=N:eagain pthread_create refuses one more; when some have ended there's room again.
#include "fixture.h"

enum { N = 20 };
static struct gate hold = GATE_CLOSED;

static void *waits(void *arg)
{
    gate_wait(&hold);
    return arg;
}

int main(void)
{
    pthread_t threads[N];
    int count = 0, error = 0;
    while (count < N && (error = pthread_create(&threads[count], NULL, waits, box(count))) == 0)
        count++;
    fprintf(stderr, "created %d, then %s\n", count, error_name(error));
    gate_open(&hold);
    for (int i = 0; i < count; i++)
        if (unbox(join(threads[i])) != i)
            printf("wrong\n");
    join(start(waits, NULL));
    printf("done\n");
    return 0;
}
