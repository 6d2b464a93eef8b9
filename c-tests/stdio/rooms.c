// How large a line getline and getdelim make, from nothing, from a line of the program's, and for lines longer than the stream's buffer.
#include "../fixture.h"

static FILE *filled(const char *text, size_t size)
{
    int ends[2];
    must(pipe(ends));
    write_all(ends[1], text, size);
    must(close(ends[1]));
    return fdopen(ends[0], "r");
}

static void *reads(void *unused)
{
    static char much[20000];
    static const int lengths[] = {1, 39, 118, 119, 120, 121, 239, 240, 241, 500, 4000, 4096, 5000};
    enum { COUNT = sizeof lengths / sizeof *lengths };
    int at = 0;
    for (int i = 0; i < COUNT; i++) {
        memset(much + at, 'a' + i, lengths[i]);
        much[at += lengths[i] - 1] = '\n';
        at++;
    }
    FILE *in = filled(much, at);
    for (int i = 0; i < COUNT; i++) {
        char *line = NULL;
        size_t size = 0;
        ssize_t n = getline(&line, &size, in);
        printf("a line of %zd: room for %zu\n", n, size);
        free(line);
    }
    fclose(in);

    in = filled(much, at);
    char *line = malloc(10);
    size_t size = 10;
    for (ssize_t n; (n = getline(&line, &size, in)) > 0;)
        printf("into the same: %zd in %zu\n", n, size);
    printf("at the end: %zu, %d\n", size, !!feof(in));
    fclose(in);

    in = filled("one;two;three", 13);
    for (ssize_t n; (n = getdelim(&line, &size, ';', in)) > 0;)
        printf("%zd \"%s\" in %zu\n", n, line, size);
    fclose(in);
    free(line);

    in = filled("", 0);
    line = NULL;
    size = 77;
    printf("nothing there: %zd", getline(&line, &size, in));
    printf(", room for %zu, a line: %s\n", size, yes(line != NULL));
    fclose(in);
    free(line);
    return unused;
}

int main(void)
{
    join(start(reads, NULL));
    return 0;
}
