// fgets and fread on a pipe: EINTR marks the stream, which goes on after clearerr. Lines are written as one, and come as one.
#include "../fixture.h"
#include "eintr.h"

enum { LINES = 20 };

static void *writer(void *arg)
{
    int fd = unbox(arg);
    char line[32];
    for (int i = 0; i < LINES; i++) {
        pause_ms(3);
        write_on(fd, line, snprintf(line, sizeof line, "line %d\n", i));
    }
    for (int i = 0; i < 5; i++) {
        pause_ms(3);
        write_on(fd, "0123456789", 10);
    }
    close(fd);
    return NULL;
}

// Whether a read that failed was interrupted, and may go on.
static int interrupted(FILE *stream)
{
    if (!ferror(stream) || errno != EINTR)
        return 0;
    clearerr(stream);
    return 1;
}

static void *reader(void *arg)
{
    FILE *stream = fdopen(unbox(arg), "r");
    char line[32], expected[32], rest[64] = "";
    int right = 0;
    for (int i = 0; i < LINES; i++) {
        while (fgets(line, sizeof line, stream) == NULL)
            if (!interrupted(stream))
                die("fgets");
        snprintf(expected, sizeof expected, "line %d\n", i);
        right += strcmp(line, expected) == 0;
    }
    size_t got = 0;
    do
        got += fread(rest + got, 1, sizeof rest - 1 - got, stream);
    while (interrupted(stream));
    printf("right lines: %d, then %zu bytes: %s, end: %s\n", right, got, rest, yes(feof(stream)));
    fclose(stream);
    return NULL;
}

int main(void)
{
    both_ways(writer, reader);
    return 0;
}
