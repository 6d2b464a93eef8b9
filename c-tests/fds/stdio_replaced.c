// The standard streams replaced by pipes with dup2 while threads read and write them through stdio; and put back.
#include "../fixture.h"
#include <fcntl.h>

enum { LINES = 200 };

static void *reads_stdin(void *unused)
{
    (void)unused;
    char line[64];
    long sum = 0;
    while (fgets(line, sizeof line, stdin) != NULL)
        sum += atoi(line + 5);
    return box(sum);
}

static void *feeds(void *fd)
{
    FILE *out = fdopen(unbox(fd), "w");
    for (int i = 0; i < LINES; i++) {
        fprintf(out, "line %d\n", i);
        if (i % 10 == 0)
            fflush(out);
    }
    fclose(out);
    return NULL;
}

static void *prints(void *name)
{
    for (int i = 0; i < LINES; i++) {
        printf("%s says %d\n", (char *)name, i);
        if (i % 20 == 0)
            fflush(stdout);
    }
    return NULL;
}

static void *counts(void *fd)
{
    FILE *in = fdopen(unbox(fd), "r");
    long count = 0, whole = 0;
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, in) > 0) {
        char name[16];
        int number;
        count++;
        whole += sscanf(line, "%15s says %d", name, &number) == 2 && number >= 0 && number < LINES && (!strcmp(name, "one") || !strcmp(name, "two"));
    }
    free(line);
    fclose(in);
    return box(count * 10000 + whole);
}

int main(void)
{
    int in[2], out[2], error[2];
    // stdin is a pipe from now on.
    int old_in = must(fcntl(0, F_DUPFD_CLOEXEC, 3));
    must(pipe(in));
    must(dup2(in[0], 0));
    close(in[0]);
    pthread_t reader = start(reads_stdin, NULL), feeder = start(feeds, box(in[1]));
    join(feeder);
    printf("read through stdin: %ld\n", unbox(join(reader)));
    printf("at its end: %s\n", yes(feof(stdin)));
    must(dup2(old_in, 0));
    close(old_in);
    clearerr(stdin);
    printf("put back: %d\n", getchar());

    // stdout is a pipe, into which two threads print.
    fflush(stdout);
    int old_out = must(dup(1));
    must(pipe(out));
    must(dup3(out[1], 1, 0));
    close(out[1]);
    pthread_t counter = start(counts, box(out[0])), one = start(prints, "one"), two = start(prints, "two");
    join(one);
    join(two);
    fflush(stdout);
    must(dup2(old_out, 1));
    close(old_out);
    long counted = unbox(join(counter));
    printf("printed lines %ld, whole %ld\n", counted / 10000, counted % 10000);

    // stderr is a socket; what's written to it is not kept back.
    int old_error = must(dup(2));
    stream_pair(error);
    must(dup2(error[1], 2));
    fprintf(stderr, "to the socket");
    char text[32] = "";
    must(recv(error[0], text, sizeof text - 1, 0));
    must(dup2(old_error, 2));
    close(error[1]);
    printf("through stderr: %s, then %s\n", text, answer(recv(error[0], text, 1, 0)));

    // No standard files at all: pipes get their numbers.
    fflush(stdout);
    old_out = must(dup(1)), old_in = must(dup(0));
    close(0), close(1), close(2);
    must(pipe(in));
    int lowest = in[0] == 0 && in[1] == 1;
    char byte = 0;
    pthread_t writer = start(feeds, box(must(dup(1))));
    long sum = unbox(join(writer)) + must(read(0, &byte, 1));
    close(0), close(1);
    must(dup2(old_in, 0));
    must(dup2(old_out, 1));
    must(dup2(old_error, 2));
    printf("0 and 1: %s, read %ld %c\n", yes(lowest), sum, byte);
    return 0;
}
