// A thousand threads print on one stream, a slow pipe behind it: whole lines, each thread's in order.
#include "fixture.h"

enum { THREADS = 1000, LINES = 10 };
static FILE *out;

static void *prints(void *arg)
{
    long me = unbox(arg);
    for (int i = 0; i < LINES; i++)
        switch ((me + i) % 3) {
        case 0:
            fprintf(out, "%ld %d by fprintf\n", me, i);
            break;
        case 1: {
            char line[40];
            snprintf(line, sizeof line, "%ld %d by fputs\n", me, i);
            fputs(line, out);
            break;
        }
        default:
            flockfile(out);
            fprintf(out, "%ld ", me);
            putc_unlocked('0' + i, out);
            fputs(" by ", out);
            fwrite("pieces\n", 1, 7, out);
            funlockfile(out);
        }
    return NULL;
}

static void *reads(void *arg)
{
    FILE *in = fdopen(unbox(arg), "r");
    static int next[THREADS];
    char line[100], how[20], rest;
    long lines = 0, right = 0;
    while (fgets(line, sizeof line, in)) {
        long who;
        int number;
        lines++;
        if (lines % 100 == 0)
            usleep(1000);
        if (sscanf(line, "%ld %d by %19s%c", &who, &number, how, &rest) == 4 && rest == '\n' && who >= 0 && who < THREADS && next[who] == number) {
            right++;
            next[who]++;
        }
    }
    fclose(in);
    printf("%ld lines, %ld right\n", lines, right);
    return NULL;
}

static void run(int mode)
{
    static pthread_t threads[THREADS];
    int ends[2];
    must(pipe(ends));
    out = fdopen(ends[1], "w");
    setvbuf(out, NULL, mode, 4096);
    pthread_t reading = start(reads, box(ends[0]));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start_small(prints, box(i));
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    fclose(out);
    join(reading);
}

int main(void)
{
    run(_IOFBF);
    run(_IOLBF);
    return 0;
}
