// printf in all its forms, to pipes: what it answers, %n, %m, positions, long and empty texts, what can't be formatted.
#include "fixture.h"
#include <locale.h>
#include <stdarg.h>
#include <wchar.h>

static int ends[2];
static FILE *out;

static int by_list(const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int first = vfprintf(out, format, list), second = vdprintf(ends[1], format, again);
    va_end(list);
    va_end(again);
    return first * 1000 + second;
}

static int by_stdout(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = vprintf(format, list);
    va_end(list);
    return result;
}

static void *everything(void *unused)
{
    char line[9000];
    char much[5001];
    double many[] = {1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5};
    memset(much, 'm', 5000);
    much[5000] = 0;

    fprintf(stderr, "%d\n", fprintf(out, "%s %5d|%-5d|%05d %x %c %%\n", "text", 1, 2, 3, 255, 'c'));
    fprintf(stderr, "%d\n", fprintf(out, "%.2f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %ld\n", many[0], many[1], many[2], many[3], many[4], many[5], many[6], many[7], many[8], many[9], 1L << 40));
    fprintf(stderr, "%d\n", fprintf(out, "%2$s %1$s\n", "a", "b"));
    errno = EAGAIN;
    fprintf(stderr, "%d\n", fprintf(out, "%m\n"));
    fprintf(stderr, "%d\n", fprintf(out, "%s", ""));
    fprintf(stderr, "%d\n", fprintf(out, "%*.*s\n", 10, 3, "abcdef"));
    fprintf(stderr, "%d\n", fprintf(out, "%s\n", much));
    fprintf(stderr, "%d\n", by_list("%d of %s and %Lf\n", 7, "list", 2.25L));
    fprintf(stderr, "%d\n", dprintf(ends[1], "%s%s\n", much, "to the descriptor"));
    errno = 0;
    int failed = fprintf(out, "before %ls\n", L"\x20ac");
    fprintf(stderr, "not in this locale: %d %s\n", failed, error_name(errno));
    errno = 0;
    failed = dprintf(-1, "nowhere");
    fprintf(stderr, "nowhere: %d %s\n", failed, error_name(errno));
    fprintf(stderr, "%d\n", fflush(out));
    fclose(out);
    FILE *in = fdopen(ends[0], "r");
    while (fgets(line, sizeof line, in)) {
        if (strlen(line) > 100)
            printf("%zu bytes\n", strlen(line));
        else
            printf("%s", line);
    }
    fclose(in);
    fprintf(stderr, "%d %d\n", by_stdout("%d by vprintf\n", 5), printf("%s", "printf\n"));
    return unused;
}

int main(void)
{
    setlocale(LC_ALL, "C");
    must(pipe(ends));
    out = fdopen(ends[1], "w");
    join(start(everything, NULL));
    return 0;
}
