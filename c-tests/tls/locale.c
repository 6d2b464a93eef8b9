// uselocale is per thread: a thread's own locale does not leak to others, nor to who runs on its stack after it.
#include "fixture.h"
#include <locale.h>

static locale_t own;
static struct gate set = GATE_CLOSED, looked = GATE_CLOSED;

static void *uses(void *arg)
{
    (void)arg;
    locale_t before = uselocale(own);
    gate_open(&set);
    gate_wait(&looked);
    printf("before: %s\n", before == LC_GLOBAL_LOCALE ? "global" : "own");
    printf("kept across a wait: %s\n", uselocale(NULL) == own ? "own" : "global");
    return NULL;
}

static void *looks(void *arg)
{
    printf("%s: %s, %.1f\n", (char *)arg, uselocale(NULL) == LC_GLOBAL_LOCALE ? "global" : "own", 0.5);
    return NULL;
}

int main(void)
{
    own = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    if (own == NULL)
        die("newlocale");
    pthread_t thread = start(uses, NULL);
    gate_wait(&set);
    join(start(looks, "another thread meanwhile"));
    looks("main meanwhile");
    gate_open(&looked);
    join(thread);
    for (int i = 0; i < 3; i++)
        join(start(looks, "a thread after it"));
    freelocale(own);
    return 0;
}
