// Signals a thousand times a second, with SA_RESTART, while threads and main use streams: nothing is lost and nothing fails. Then handlers
// that jump out of fgets: the stream goes on where it was.
#include "fixture.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

enum { LINES = 3000 };
static volatile sig_atomic_t signals;
static sigjmp_buf out_of;

static void counts(int number)
{
    (void)number;
    signals++;
}

static void jumps(int number)
{
    (void)number;
    siglongjmp(out_of, 1);
}

static void *writes(void *arg)
{
    FILE *out = fdopen(unbox(arg), "w");
    setvbuf(out, NULL, _IOLBF, 200);
    for (int i = 0; i < LINES; i++) {
        if (fprintf(out, "line %d\n", i) < 0)
            printf("fprintf failed\n");
        if (i % 100 == 0)
            usleep(1000);
    }
    return box(fclose(out));
}

static void *reads(void *arg)
{
    FILE *in = fdopen(unbox(arg), "r");
    char line[100];
    long right = 0;
    for (int i = 0; fgets(line, sizeof line, in); i++) {
        int number;
        right += sscanf(line, "line %d", &number) == 1 && number == i;
    }
    right += !ferror(in) && feof(in);
    fclose(in);
    return box(right);
}

static void pair(void)
{
    int ends[2];
    must(pipe(ends));
    pthread_t writing = start(writes, box(ends[1])), reading = start(reads, box(ends[0]));
    printf("right: %ld\n", unbox(join(reading)));
    printf("fclose: %ld\n", unbox(join(writing)));
    must(pipe(ends));
    writing = start(writes, box(ends[1]));
    printf("right in main: %ld\n", unbox(reads(box(ends[0]))));
    printf("fclose: %ld\n", unbox(join(writing)));
}

static void *sends(void *arg)
{
    write_all(unbox(arg), "whole\n", 6);
    return NULL;
}

int main(void)
{
    struct sigaction action = {.sa_handler = counts, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {0};
    int ends[2];
    char line[20];

    must(sigaction(SIGALRM, &action, NULL));
    must(setitimer(ITIMER_REAL, &often, NULL));
    pair();
    must(setitimer(ITIMER_REAL, &never, NULL));
    printf("signals came: %s\n", yes(signals > 5));

    action.sa_handler = jumps;
    must(sigaction(SIGALRM, &action, NULL));
    must(pipe(ends));
    FILE *in = fdopen(ends[0], "r");
    for (volatile int i = 0; i < 3; i++) {
        often = (struct itimerval){{0, 0}, {0, 20000}};
        if (sigsetjmp(out_of, 1) == 0) {
            must(setitimer(ITIMER_REAL, &often, NULL));
            printf("not here: %s\n", fgets(line, sizeof line, in));
        }
        printf("jumped\n");
    }
    pthread_t sending = start(sends, box(ends[1]));
    printf("then: %s", fgets(line, sizeof line, in));
    join(sending);
    return 0;
}
