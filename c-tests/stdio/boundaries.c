// Which writes a stream makes: on a socket that keeps messages apart, the reader sees each as it was made. Fully buffered, by lines,
// unbuffered; single bytes, lines, blocks, formatted text.
#include "fixture.h"
#include <stdarg.h>

static int ends[2];

static void *reader(void *unused)
{
    static char message[65536];
    (void)unused;
    for (;;) {
        ssize_t n = must(recv(ends[0], message, sizeof message, 0));
        if (n <= 0)
            break;
        printf(" %zd", n);
        if (n < 40) {
            printf("(");
            for (ssize_t i = 0; i < n; i++)
                printf(message[i] == '\n' ? "\\n" : "%c", message[i]);
            printf(")");
        }
    }
    printf("\n");
    return NULL;
}

static void by_list(FILE *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vfprintf(out, format, list);
    va_end(list);
}

static void bytes(FILE *out)
{
    for (int i = 0; i < 5; i++) {
        fputc('a' + i, out);
        putc(i == 2 ? '\n' : '-', out);
    }
    putc_unlocked('!', out);
}

static void lines(FILE *out)
{
    fputs("one\n", out);
    fputs("two\nthree", out);
    fputs(" four\n", out);
    fputs("", out);
    fputs("five", out);
}

static void formats(FILE *out)
{
    fprintf(out, "%s\n", "formatted");
    fprintf(out, "%d-%5.2f|", 42, 2.5);
    by_list(out, "%c%c\n", 'x', 'y');
    fprintf(out, "rest");
}

static void blocks(FILE *out)
{
    static char block[30000];
    memset(block, 'b', sizeof block);
    fwrite(block, 1, 10, out);
    fwrite(block, 1, 5000, out);
    fwrite(block, 100, 99, out);
    fwrite(block, 1, 4096, out);
    fwrite(block, 30000, 1, out);
    fwrite(block, 0, 1, out);
}

static void flushes(FILE *out)
{
    fputs("held", out);
    fflush(out);
    fflush(out);
    fputs(" back", out);
    fflush(out);
}

static void many_bytes(FILE *out)
{
    for (int i = 0; i < 9000; i++)
        putc(i % 3000 == 2999 ? '\n' : '.', out);
}

static void long_formats(FILE *out)
{
    fprintf(out, "%3000d\n", 1);
    fprintf(out, "%3000d\n", 2);
}

int main(void)
{
    static void (*const ways[])(FILE *) = {bytes, lines, formats, blocks, flushes, many_bytes, long_formats};
    static const char *const names[] = {"bytes", "lines", "formats", "blocks", "flushes", "many", "long"};
    static const int modes[] = {_IOFBF, _IOLBF, _IONBF};

    for (int m = 0; m < 3; m++) {
        printf("%s\n", m == 0 ? "buffered" : m == 1 ? "by lines" : "unbuffered");
        for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
            // (Unbuffered bytes by the thousand are only more of the same; and libc may cut long formatted text as it likes.)
            if ((m == 2 && i == 5) || (m > 0 && i == 6))
                continue;
            must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
            FILE *out = fdopen(ends[1], "w");
            setvbuf(out, NULL, modes[m], 4096);
            printf(" %s:", names[i]);
            fflush(stdout);
            pthread_t reading = start(reader, NULL);
            ways[i](out);
            fclose(out);
            join(reading);
            close(ends[0]);
        }
    }
    return 0;
}
