// A megabyte through streams, both ends green: by blocks, by lines, by bytes, as one formatted text; a buffer larger than the pipe.
#include "fixture.h"

enum { SIZE = 1 << 20 };
static char data[SIZE + 1];
static int ends[2];

static void by_one(FILE *out)
{
    printf("%zu\n", fwrite(data, 1, SIZE, out));
}

static void by_parts(FILE *out)
{
    size_t done = 0;
    for (size_t n = 1; done < SIZE; n = n * 3 % 10007)
        done += fwrite(data + done, 1, n < SIZE - done ? n : SIZE - done, out);
    printf("%zu\n", done);
}

static void by_byte(FILE *out)
{
    int done = 0;
    while (done < SIZE && putc(data[done], out) != EOF)
        done++;
    printf("%d\n", done);
}

static void by_text(FILE *out)
{
    printf("%d\n", fputs(data, out) >= 0);
}

static void by_format(FILE *out)
{
    printf("%d\n", fprintf(out, "%s", data));
}

static void *writes(void *way)
{
    FILE *out = fdopen(ends[1], "w");
    static char buffer[300000];
    if (way == by_parts)
        setvbuf(out, buffer, _IOFBF, sizeof buffer);
    ((void (*)(FILE *))way)(out);
    printf("closed: %d\n", fclose(out));
    return NULL;
}

int main(void)
{
    static void (*const ways[])(FILE *) = {by_one, by_parts, by_byte, by_text, by_format};
    static char got[SIZE + 1];

    for (int i = 0; i < SIZE; i++)
        data[i] = i % 61 == 60 ? '\n' : 'a' + i * 7 % 26;
    for (unsigned i = 0; i < 2 * sizeof ways / sizeof *ways; i++) {
        if (i % 2)
            must(pipe(ends));
        else
            tcp_pair(ends);
        pthread_t writing = start(writes, ways[i / 2]);
        FILE *in = fdopen(ends[0], "r");
        size_t n = 0;
        if (i % 3 == 0)
            n = fread(got, 1, SIZE, in);
        else if (i % 3 == 1)
            while (n < SIZE && fgets(got + n, 1000, in))
                n += strlen(got + n);
        else
            for (size_t part; n < SIZE && (part = fread(got + n, 1, n % 5000 + 1 < SIZE - n ? n % 5000 + 1 : SIZE - n, in)) > 0;)
                n += part;
        int then = fgetc(in);
        join(writing);
        printf("%zu, the same: %s, then: %d\n", n, yes(memcmp(got, data, SIZE) == 0), then);
        fclose(in);
    }
    return 0;
}
