// A child of fork prints and reads by streams, whatever other threads of the parent were doing with them.
#include "fixture.h"
#include <sys/wait.h>

static int ends[2], busy[2], result[2];
static FILE *in, *shared;
static volatile int stop;

static void *waits(void *unused)
{
    char line[20];
    printf("parent: %s", fgets(line, sizeof line, in));
    return unused;
}

static void *prints(void *unused)
{
    while (!stop) {
        fprintf(shared, "line\n");
        usleep(100);
    }
    return unused;
}

static void *drains(void *unused)
{
    char bytes[1000];
    while (must(read(busy[0], bytes, sizeof bytes)) > 0)
        ;
    return unused;
}

static void *forks(void *unused)
{
    for (int i = 0; i < 5; i++) {
        pid_t child = must(fork());
        if (child == 0) {
            FILE *out = fdopen(result[1], "w");
            fprintf(out, "child %d\n", i);
            fflush(out);
            // The parent's threads use these, and one waits in this one.
            fprintf(shared, "child\n");
            fputs("child's\n", shared);
            clearerr(in);
            _exit(fprintf(out, "end\n") == 4 && fflush(out) == 0 ? 7 : 8);
        }
        int status;
        must(waitpid(child, &status, 0));
        fprintf(stderr, "status %d\n", WEXITSTATUS(status));
    }
    return unused;
}

int main(void)
{
    char line[20];
    must(pipe(ends));
    must(pipe(busy));
    must(pipe(result));
    in = fdopen(ends[0], "r");
    shared = fdopen(busy[1], "w");
    setvbuf(shared, NULL, _IONBF, 0);
    pthread_t waiting = start(waits, NULL), printing = start(prints, NULL), draining = start(drains, NULL);
    let_it_block();
    join(start(forks, NULL));
    FILE *from = fdopen(result[0], "r");
    for (int i = 0; i < 10; i++)
        printf("%s", fgets(line, sizeof line, from));
    write_all(ends[1], "a line\n", 7);
    join(waiting);
    stop = 1;
    join(printing);
    fclose(shared);
    join(draining);
    return 0;
}
