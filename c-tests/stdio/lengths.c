// What fgets and getline make of long lines, NUL bytes, small buffers, the end without a newline; fread of all sizes.
#include "fixture.h"

static void *feeder(void *arg)
{
    int fd = unbox(arg);
    static char much[10000];
    memset(much, 'm', sizeof much);
    much[sizeof much - 1] = '\n';
    write_all(fd, much, sizeof much);
    write_all(fd, "nul\0inside\n", 11);
    write_all(fd, "\n", 1);
    write_all(fd, "12345678", 8);
    write_all(fd, "the end", 7);
    must(close(fd));
    return NULL;
}

static FILE *fed(pthread_t *feeding, char *buffer, int mode, size_t size)
{
    int ends[2];
    must(pipe(ends));
    FILE *in = fdopen(ends[0], "r");
    if (mode >= 0)
        printf("setvbuf: %d\n", setvbuf(in, buffer, mode, size));
    *feeding = start(feeder, box(ends[1]));
    return in;
}

static void by_fgets(FILE *in)
{
    char line[4000];
    while (fgets(line, sizeof line, in))
        printf("  fgets: %zu, last %d\n", strlen(line), line[strlen(line) - 1]);
    printf("  then: end %d, error %d\n", !!feof(in), !!ferror(in));
}

static void by_getline(FILE *in)
{
    char *line = NULL;
    size_t size = 0;
    for (ssize_t n; (n = getline(&line, &size, in)) > 0;)
        printf("  getline: %zd, last %d, room enough: %s\n", n, line[n - 1], yes(size > (size_t)n && line[n] == 0));
    printf("  then: end %d, error %d\n", !!feof(in), !!ferror(in));
    free(line);
}

static void by_fread(FILE *in)
{
    static const size_t sizes[] = {1, 100, 4096, 4097, 1, 1800, 20000};
    static char data[20000];
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t got = fread(data, 1, sizes[i], in);
        printf("  fread of %zu: %zu, end %d\n", sizes[i], got, !!feof(in));
    }
    printf("  of nothing: %zu %zu\n", fread(data, 0, 10, in), fread(data, 10, 0, in));
}

static void by_getc(FILE *in)
{
    long n = 0, sum = 0;
    for (int c; (c = getc(in)) != EOF; n++)
        sum = (sum * 31 + c) % 1000003;
    printf("  getc: %ld bytes, sum %ld, end %d\n", n, sum, !!feof(in));
}

static void tiny(FILE *in)
{
    char line[3] = "zz";
    char *got = fgets(line, 1, in);
    printf("  one: %s \"%s\"\n", yes(got == line), line);
    got = fgets(line, 2, in);
    printf("  two: \"%s\"\n", got);
    got = fgets(line, 3, in);
    printf("  three: \"%s\"\n", got);
    got = fgets(line, 0, in);
    printf("  none: %s\n", yes(got == NULL));
    by_getc(in);
}

int main(void)
{
    static void (*const ways[])(FILE *) = {by_fgets, by_getline, by_fread, by_getc, tiny};
    static char buffer[1000];
    static const struct {
        const char *name;
        char *buffer;
        int mode;
        size_t size;
    } kinds[] = {{"as it comes", NULL, -1, 0}, {"unbuffered", NULL, _IONBF, 0}, {"lines", NULL, _IOLBF, 1024}, {"small", buffer, _IOFBF, 100}, {"odd", buffer, _IOFBF, sizeof buffer}};

    for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        printf("%s\n", kinds[k].name);
        for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
            pthread_t feeding;
            FILE *in = fed(&feeding, kinds[k].buffer, kinds[k].mode, kinds[k].size);
            ways[i](in);
            join(feeding);
            fclose(in);
        }
    }
    return 0;
}
