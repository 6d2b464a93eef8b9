// A thousand threads each wait in fgets on a socket of their own, and answer by fprintf; as many kernel threads are not needed.
#include "fixture.h"

enum { THREADS = 1000 };
static int ends[THREADS][2];

static void *serves(void *arg)
{
    int fd = ends[unbox(arg)][0];
    FILE *in = fdopen(fd, "r"), *out = fdopen(must(dup(fd)), "w");
    char line[100];
    while (fgets(line, sizeof line, in)) {
        fprintf(out, "you said: %s", line);
        fflush(out);
    }
    fclose(in);
    fclose(out);
    return NULL;
}

int main(void)
{
    static pthread_t threads[THREADS];
    long right = 0;

    raise_file_limit();
    for (long i = 0; i < THREADS; i++) {
        stream_pair(ends[i]);
        threads[i] = start_small(serves, box(i));
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < THREADS; i++)
            dprintf(ends[i][1], "%d in round %d\n", i, round);
        for (int i = 0; i < THREADS; i++) {
            char expected[60], got[60];
            int n = snprintf(expected, sizeof expected, "you said: %d in round %d\n", i, round);
            right += read_all(ends[i][1], got, n) == (size_t)n && memcmp(expected, got, n) == 0;
        }
    }
    printf("%ld right answers\n", right);
    printf("kernel threads bounded: %s\n", yes(kernel_threads() <= THREADS + 1));
    for (int i = 0; i < THREADS; i++)
        close(ends[i][1]);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    return 0;
}
