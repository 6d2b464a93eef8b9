// Streams opened for both: reading after writing and writing after reading, with and without fflush and fseek between.
#include "fixture.h"

static void *echoes(void *arg)
{
    char line[200];
    FILE *stream = fdopen(unbox(arg), "r+");
    for (int i = 0; fgets(line, sizeof line, stream); i++) {
        fseek(stream, 0, SEEK_CUR);
        fprintf(stream, "%d: %s", i, line);
        fflush(stream);
    }
    fclose(stream);
    return NULL;
}

int main(void)
{
    int ends[2];
    char line[200];

    stream_pair(ends);
    pthread_t echoing = start(echoes, box(ends[1]));
    FILE *stream = fdopen(ends[0], "r+");
    for (int i = 0; i < 3; i++) {
        fprintf(stream, "hello %d\n", i);
        fflush(stream);
        printf("%s", fgets(line, sizeof line, stream));
    }
    // Reading writes what waits.
    fputs("without fflush\n", stream);
    printf("%s", fgets(line, sizeof line, stream));
    fputs("fgetc\n", stream);
    for (int c; (c = fgetc(stream)) != '\n';)
        putchar(c);
    putchar('\n');
    fputs("getline\n", stream);
    char *text = NULL;
    size_t size = 0;
    printf("%zd", getline(&text, &size, stream));
    printf(" %s", text);
    fputs("rewind\n", stream);
    rewind(stream);
    printf("%s", fgets(line, sizeof line, stream));
    fputs("fscanf\n", stream);
    fflush(stream);
    int number;
    printf("%d", fscanf(stream, "%d: %199s", &number, line));
    printf(" %d %s\n", number, line);
    printf("pushed back: %c", ungetc('<', stream));
    printf("%c", fgetc(stream));
    printf("%d\n", fgetc(stream));
    free(text);
    must(shutdown(ends[0], SHUT_WR));
    printf("at the end: %d\n", fgetc(stream));
    fclose(stream);
    join(echoing);
    return 0;
}
