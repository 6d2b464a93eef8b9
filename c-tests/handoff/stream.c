// A thread waits in fgets, main in getline, and another thread in fread, each on a pipe behind a FILE, where libc's own read waits. A
// fourth feeds them late.
#include "hog.h"

static int ends[3][2];

static void *feeder(void *unused)
{
    const char *const lines[] = {"one\n", "two words\n", "and th", "ree\n"};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++) {
            usleep(i == 0 ? 20000 : 2000);
            write_all(ends[k][1], lines[i], strlen(lines[i]));
        }
    for (int k = 0; k < 3; k++)
        close(ends[k][1]);
    return unused;
}

static FILE *open_stream(int number)
{
    FILE *stream = fdopen(ends[number][0], "r");
    if (!stream)
        die("fdopen");
    return stream;
}

static void *by_fgets(void *unused)
{
    static char all[100];
    char line[40];
    FILE *stream = open_stream(1);
    (void)unused;
    while (fgets(line, sizeof line, stream)) {
        line[strlen(line) - 1] = '|';
        strcat(all, line);
    }
    fclose(stream);
    return all;
}

static void *by_fread(void *unused)
{
    static char all[100];
    FILE *stream = open_stream(2);
    (void)unused;
    all[fread(all, 1, sizeof all - 1, stream)] = 0;
    fclose(stream);
    return all;
}

int main(void)
{
    for (int i = 0; i < 3; i++)
        must(pipe(ends[i]));
    pthread_t feeding = start(feeder, NULL), second = start(by_fgets, NULL), third = start(by_fread, NULL);
    FILE *stream = open_stream(0);
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stream)) > 0;)
        printf("getline: %zd: %s", length, line);
    printf("at the end: %s\n", yes(feof(stream)));
    free(line);
    fclose(stream);
    printf("fgets: %s\n", (char *)join(second));
    printf("fread:\n%s", (char *)join(third));
    join(feeding);
    return 0;
}
