// Streams that aren't on descriptors, or are wide, or come from popen: strings, cookies, a program's output and input.
#include "fixture.h"
#include <wchar.h>

static ssize_t cookie_read(void *cookie, char *buffer, size_t size)
{
    return must(read(*(int *)cookie, buffer, size));
}

static ssize_t cookie_write(void *cookie, const char *buffer, size_t size)
{
    write_all(*(int *)cookie, buffer, size);
    return size;
}

static void *feeds(void *arg)
{
    write_all(unbox(arg), "through\na cookie\n", 17);
    must(close(unbox(arg)));
    return NULL;
}

static void *reads_wide(void *arg)
{
    FILE *in = fdopen(unbox(arg), "r");
    wchar_t line[40];
    while (fgetws(line, 40, in))
        printf("wide: %zu\n", wcslen(line));
    printf("orientation: %s\n", yes(fwide(in, 0) > 0));
    fclose(in);
    return NULL;
}

static void *asks(void *unused)
{
    char line[80];
    FILE *from = popen("echo first; echo second", "r");
    while (fgets(line, sizeof line, from))
        printf("program: %s", line);
    printf("status: %d\n", pclose(from));
    from = popen("exit 3", "r");
    printf("nothing: %d, ", fgetc(from));
    printf("status: %d\n", pclose(from) >> 8);
    fflush(stdout);
    FILE *to = popen("tr a-z A-Z; exit 4", "w");
    fprintf(to, "%s %d\n", "to a program", 5);
    fputs("and more\n", to);
    printf("status: %d\n", pclose(to) >> 8);
    return unused;
}

int main(void)
{
    int ends[2];
    char line[40], memory[20];

    join(start(asks, NULL));

    must(pipe(ends));
    FILE *in = fopencookie(&ends[0], "r", (cookie_io_functions_t){.read = cookie_read});
    pthread_t feeding = start(feeds, box(ends[1]));
    while (fgets(line, sizeof line, in))
        printf("cookie: %s", line);
    printf("end: %d\n", !!feof(in));
    fclose(in);
    close(ends[0]);
    join(feeding);

    must(pipe(ends));
    FILE *out = fopencookie(&ends[1], "w", (cookie_io_functions_t){.write = cookie_write});
    fprintf(out, "%d cookies\n", 3);
    fputc('!', out);
    fclose(out);
    printf("%zu %.10s\n", read_all(ends[0], line, 11), line);

    FILE *stream = fmemopen(memory, sizeof memory, "w+");
    fprintf(stream, "in memory %d", 1);
    rewind(stream);
    printf("%s\n", fgets(line, sizeof line, stream));
    fclose(stream);

    must(pipe(ends));
    pthread_t reading = start(reads_wide, box(ends[0]));
    out = fdopen(ends[1], "w");
    fwprintf(out, L"%ls\n", L"wide text");
    fputws(L"more\n", out);
    printf("bytes to a wide stream: %d\n", fputs("x", out));
    printf("formatted: %d\n", fprintf(out, "%d", 1));
    fclose(out);
    join(reading);
    return 0;
}
