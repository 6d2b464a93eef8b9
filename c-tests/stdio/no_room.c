// A text longer than all memory that the process may still have goes through a pipe.
#include "../fixture.h"
#include <fcntl.h>

enum { WIDTH = 100 * 1000 * 1000 };
static int ends[2];

// What the limit is for, in bytes.
static long data_now(void)
{
    char line[200];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status))
        sscanf(line, "VmData: %ld", &kb);
    fclose(status);
    return kb * 1024;
}

static void *drains(void *unused)
{
    static char much[1 << 16];
    long all = 0;
    for (ssize_t n; (n = must(read(ends[0], much, sizeof much))) > 0;)
        all += n;
    (void)unused;
    return box(all);
}

static void *prints(void *unused)
{
    struct rlimit few;
    few.rlim_cur = few.rlim_max = data_now() + (40 << 20);
    must(setrlimit(RLIMIT_DATA, &few));
    FILE *out = fdopen(ends[1], "w");
    setvbuf(out, NULL, _IOFBF, 1 << 16);
    printf("printed: %d\n", fprintf(out, "%*d", WIDTH, 1));
    printf("and then: %d\n", fprintf(out, "%s", "more"));
    fclose(out);
    return unused;
}

int main(void)
{
    must(pipe(ends));
    pthread_t reader = start(drains, NULL);
    join(start(prints, NULL));
    printf("came: %ld\n", unbox(join(reader)));
    return 0;
}
