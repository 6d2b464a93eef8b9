// What waits in a stream when it's given another buffer or mode, moved or rewound: written or not; and when it can't be written.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>

static int ends[2];
static char buffer[3000];

static FILE *fresh(void)
{
    must(pipe(ends));
    FILE *out = fdopen(ends[1], "w");
    fputs("abc", out);
    return out;
}

static void closed(FILE *out)
{
    fclose(out);
    close(ends[0]);
}

static void changes(const char *what, char *to, int mode, size_t size)
{
    FILE *out = fresh();
    int answered = setvbuf(out, to, mode, size);
    struct pollfd written = {.fd = ends[0], .events = POLLIN};
    printf("%s: %d, written: %d", what, answered, poll(&written, 1, 0));
    fputs("a line\n", out);
    printf(", after a line: %d\n", poll(&written, 1, 0));
    closed(out);
}

// A pipe that's full, where nothing can be written.
static FILE *stuck(void)
{
    FILE *out = fresh();
    must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    while (write(ends[1], buffer, sizeof buffer) > 0)
        ;
    while (write(ends[1], buffer, 1) > 0)
        ;
    errno = 0;
    return out;
}

static void show(const char *what, int result, FILE *out)
{
    int error = errno;
    printf("%s: %d %s, error %d\n", what, result, error_name(error), !!ferror(out));
    closed(out);
}

static void *works(void *unused)
{
    changes("lines, the same buffer", NULL, _IOLBF, 0);
    changes("full, the same buffer", NULL, _IOFBF, 0);
    changes("full, the same buffer, of a size", NULL, _IOFBF, 1000);
    changes("none", NULL, _IONBF, 0);
    changes("none, given one", buffer, _IONBF, sizeof buffer);
    changes("lines, another buffer", buffer, _IOLBF, sizeof buffer);
    changes("full, another buffer", buffer, _IOFBF, sizeof buffer);
    changes("no such mode", buffer, 9, sizeof buffer);

    FILE *out = stuck();
    show("flush", fflush(out), out);
    out = stuck();
    rewind(out);
    show("rewind", 0, out);
    out = stuck();
    show("seek", fseek(out, 0, SEEK_SET), out);
    fpos_t place = {0};
    out = stuck();
    show("set position", fsetpos(out, &place), out);
    out = stuck();
    show("no buffer", setvbuf(out, NULL, _IONBF, 0), out);
    out = stuck();
    show("another buffer", setvbuf(out, buffer, _IOFBF, sizeof buffer), out);
    out = stuck();
    show("by lines", setvbuf(out, NULL, _IOLBF, 0), out);
    out = fresh();
    errno = 0;
    rewind(out);
    show("rewind of a pipe", 0, out);
    return unused;
}

int main(void)
{
    join(start(works, NULL));
    return 0;
}
