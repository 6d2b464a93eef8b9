// Threads that switch in the middle of library calls: a comparison that waits inside qsort, a callback in bsearch, and
// each thread's own strtok_r and rand_r state, interleaved.
#include "fixture.h"

enum { N = 12, WORDS = 8 };
static char *lines[N];

static int compare(const void *a, const void *b)
{
    static __thread int calls;
    if (++calls % 5 == 0)
        usleep(100);
    return *(const int *)a - *(const int *)b;
}

static void *thread(void *arg)
{
    long me = unbox(arg);
    char text[200] = "", line[300] = "";
    unsigned seed = me;
    int numbers[WORDS];

    for (int i = 0; i < WORDS; i++)
        sprintf(text + strlen(text), "%ld,", me * 100 + rand_r(&seed) % 100);
    char *save;
    int n = 0;
    for (char *word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        numbers[n++] = atoi(word);
        usleep(100);
    }
    qsort(numbers, n, sizeof numbers[0], compare);
    for (int i = 0; i < n; i++)
        sprintf(line + strlen(line), " %d", numbers[i]);
    int *found = bsearch(&numbers[3], numbers, n, sizeof numbers[0], compare);
    sprintf(line + strlen(line), " found %s", yes(found && *found == numbers[3]));
    lines[me] = strdup(line);
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (long i = 0; i < N; i++)
        threads[i] = start(thread, box(i));
    for (int i = 0; i < N; i++) {
        join(threads[i]);
        printf("%d:%s\n", i, lines[i]);
        free(lines[i]);
    }
    return 0;
}
