// Standard input and output as pipes: getchar, scanf, puts, putchar, printf and their unlocked forms, from threads; what exit flushes.
#include "fixture.h"

static int in[2], out[2];

static void *feeds(void *unused)
{
    static const char *const lines[] = {"x", "y\n", "line", " one\n", "42 ", "43\n", "z"};
    for (int i = 0; i < 7; i++) {
        write_all(in[1], lines[i], strlen(lines[i]));
        usleep(1000);
    }
    must(close(in[1]));
    return unused;
}

static void *uses(void *unused)
{
    char line[30];
    int a, b;
    putchar(getchar());
    putchar_unlocked(getchar_unlocked());
    putchar(getchar());
    printf("%s", fgets(line, sizeof line, stdin));
    printf("%d", scanf("%d%d", &a, &b));
    printf(" %d %d\n", a, b);
    puts(scanf(" %c", line) == 1 && line[0] == 'z' ? "z" : "other");
    printf("%d %d\n", getchar(), feof(stdin) != 0);
    fputs_unlocked("unlocked ", stdout);
    fwrite_unlocked("forms\n", 1, 6, stdout);
    fflush_unlocked(stdout);
    return unused;
}

static void *shows(void *arg)
{
    char bytes[300];
    size_t n = read_all(out[0], bytes, sizeof bytes);
    write_all(unbox(arg), bytes, n);
    return NULL;
}

int main(void)
{
    must(pipe(in));
    must(pipe(out));
    int real = must(dup(1));
    must(dup2(in[0], 0));
    must(dup2(out[1], 1));
    must(close(out[1]));
    pthread_t feeding = start(feeds, NULL), showing = start(shows, box(real));
    join(start(uses, NULL));
    join(feeding);
    must(dup2(real, 1));
    join(showing);
    printf("flushed by exit");
    return 0;
}
