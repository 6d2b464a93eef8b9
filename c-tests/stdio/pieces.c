// Lines that come in pieces through a socket: fgets, getline, getdelim, fgetc, fread and fscanf put them together; then the end.
#include "fixture.h"

static int ends[2], turns[2];

// Writes each piece only when the reader has said that it's about to read.
static void *writer(void *unused)
{
    static const char *const pieces[] = {
        "first ", "line\nsecond", " line\n", "by:sem", "i:colon:", "a", "b", "\n", "12", "345678", "90\n", "  \n ", " 7", "7 word\n", "3 4", " last without end",
    };
    char turn;
    for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (i % 3 == 0)
            must(read(turns[0], &turn, 1));
        write_all(ends[1], pieces[i], strlen(pieces[i]));
    }
    must(shutdown(ends[1], SHUT_WR));
    return unused;
}

int main(void)
{
    char line[64], word[16], *grown = NULL;
    size_t size = 0;
    int a, b, c;

    stream_pair(ends);
    must(pipe(turns));
    pthread_t writing = start(writer, NULL);
    write_all(turns[1], "123456", 6);
    FILE *in = fdopen(ends[0], "r");

    printf("fgets: %s", fgets(line, sizeof line, in));
    printf("getline: %zd %s", getline(&grown, &size, in), grown);
    printf("getdelim: %zd %s\n", getdelim(&grown, &size, ':', in), grown);
    printf("getdelim: %zd %s\n", getdelim(&grown, &size, ':', in), grown);
    printf("getdelim: %zd %s\n", getdelim(&grown, &size, ':', in), grown);
    a = fgetc(in), b = getc(in), c = getc_unlocked(in);
    printf("fgetc: %c %c %d\n", a, b, c);
    size_t got = fread(line, 2, 4, in);
    printf("fread: %zu %.8s\n", got, line);
    printf("ungetc: %c\n", ungetc('X', in));
    printf("fgets: %s", fgets(line, sizeof line, in));
    a = fscanf(in, "%d %15s", &b, word);
    printf("fscanf: %d %d %s\n", a, b, word);
    a = fscanf(in, "%d", &b);
    printf("fscanf: %d %d\n", a, b);
    a = fscanf(in, " %d%n", &b, &c);
    printf("fscanf: %d %d %d\n", a, b, c);
    got = fread(line, 1, sizeof line, in);
    printf("fread: %zu %.*s, end %d, error %d\n", got, (int)got, line, feof(in), ferror(in));
    printf("fgets: %s\n", fgets(line, sizeof line, in) ? "more" : "none");
    printf("fgetc: %d\n", fgetc(in));
    printf("fscanf: %d\n", fscanf(in, "%d", &a));
    printf("getline: %zd\n", getline(&grown, &size, in));
    clearerr(in);
    printf("cleared: end %d; fgetc: %d, end %d\n", feof(in), fgetc(in), feof(in));
    printf("fclose: %d\n", fclose(in));
    free(grown);
    join(writing);
    return 0;
}
