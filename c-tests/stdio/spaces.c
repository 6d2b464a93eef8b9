// scanf with formats that are all white space, or begin so, where there's only white space, nothing, or something.
#include "../fixture.h"

static void scans(const char *what, const char *text, const char *format)
{
    int ends[2], number = -1;
    char word[20] = "";
    must(pipe(ends));
    write_all(ends[1], text, strlen(text));
    must(close(ends[1]));
    FILE *in = fdopen(ends[0], "r");
    int found = strchr(format, 's') ? fscanf(in, format, word) : fscanf(in, format, &number);
    printf("%s: %d, \"%s\" %d, end %d, next %d\n", what, found, word, number, !!feof(in), getc(in));
    fclose(in);
}

static void *works(void *unused)
{
    static const char *const texts[] = {"", " ", "  \n\t\v\f\r ", "x", "  x", " 12 "};
    static const char *const formats[] = {" ", "\n", " \t\v\n", "", " x", "x", "%d", " %d", "%d ", "%d\n", "%s", " %s", " %%", "%*d", " %n"};
    char what[100];
    for (unsigned t = 0; t < sizeof texts / sizeof *texts; t++)
        for (unsigned f = 0; f < sizeof formats / sizeof *formats; f++) {
            snprintf(what, sizeof what, "text %u, format %u", t, f);
            scans(what, texts[t], formats[f]);
        }
    return unused;
}

int main(void)
{
    join(start(works, NULL));
    return 0;
}
