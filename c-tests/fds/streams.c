// fdopen, fclose, freopen and the number beneath: closed with the stream, free for the next, flushed before; a stream over each end of
// a connection; streams over a dup; the errors.
#include "../fixture.h"
#include <fcntl.h>

static void *serves(void *fd)
{
    // One stream to read, another over a dup to write, as servers do.
    FILE *in = fdopen(unbox(fd), "r"), *out = fdopen(dup(unbox(fd)), "w");
    char *line = NULL;
    size_t room = 0;
    long lines = 0;
    ssize_t length;
    while ((length = getline(&line, &room, in)) > 0) {
        fprintf(out, "%zd %s", length - 1, line);
        fflush(out);
        lines++;
    }
    free(line);
    fclose(in);
    fclose(out);
    return box(lines);
}

static void *user(void *unused)
{
    (void)unused;
    int pair[2], ends[2];
    char byte, line[64];
    stream_pair(pair);
    pthread_t server = start(serves, box(pair[0]));
    FILE *stream = fdopen(pair[1], "r+");
    setvbuf(stream, NULL, _IOLBF, 0);
    for (int i = 0; i < 50; i++) {
        fprintf(stream, "%.*s\n", i, "a line that is longer than all of those that are sent here");
        int right = fgets(line, sizeof line, stream) != NULL && atoi(line) == i;
        if (!right)
            printf("wrong: %s", line);
    }
    must(shutdown(pair[1], SHUT_WR));
    printf("at the end: %s, ", yes(fgetc(stream) == EOF && feof(stream)));
    printf("lines %ld\n", unbox(join(server)));
    printf("fclose: %d, closed: %s\n", fclose(stream), answer(fcntl(pair[1], F_GETFD)));

    // What is in the buffer goes out with fclose, and then the other side sees the end.
    must(pipe(ends));
    stream = fdopen(ends[1], "w");
    fprintf(stream, "kept back");
    fclose(stream);
    printf("flushed: %zu, ", read_all(ends[0], line, sizeof line));
    int next = must(open("/dev/null", O_RDONLY));
    printf("its number is the next: %s\n", yes(next == ends[1]));
    close(next);
    // The number goes from under the stream.
    stream = fdopen(ends[0], "r");
    close(ends[0]);
    printf("closed beneath: %s, ", yes(fgetc(stream) == EOF && errno == EBADF));
    printf("fclose: %s\n", answer(fclose(stream)));

    printf("fdopen of a closed one: %s\n", fdopen(ends[0], "r") ? "?" : error_name(errno));
    int reads = must(open("/dev/null", O_RDONLY));
    printf("fdopen to write what's only for reading: %s\n", fdopen(reads, "w") ? "?" : error_name(errno));
    printf("fdopen in no mode: %s\n", fdopen(reads, "?") ? "?" : error_name(errno));
    close(reads);

    // freopen keeps the number; a socket becomes a file, a file a pipe.
    stream_pair(pair);
    stream = fdopen(pair[0], "r+");
    fprintf(stream, "last words");
    stream = freopen("file", "w+", stream);
    printf("freopen: %s, the peer read %zu, ", yes(stream != NULL && fileno(stream) == pair[0]), read_all(pair[1], line, sizeof line));
    printf("and the end: %s\n", answer(read(pair[1], &byte, 1)));
    fprintf(stream, "in the file\n");
    rewind(stream);
    printf("back: %s", fgets(line, sizeof line, stream));
    fclose(stream);
    close(pair[1]);
    // Many streams at once, each with its own number.
    FILE *many[20];
    int distinct = 1;
    for (int i = 0; i < 20; i++) {
        many[i] = fopen("file", i % 2 ? "re" : "r");
        distinct &= i == 0 || fileno(many[i]) == fileno(many[i - 1]) + 1;
        distinct &= fcntl(fileno(many[i]), F_GETFD) == i % 2;
    }
    for (int i = 19; i >= 0; i--)
        distinct &= fgetc(many[i]) == 'i' && fclose(many[i]) == 0;
    printf("twenty: %s\n", yes(distinct));
    return NULL;
}

int main(void)
{
    // Nobody else's numbers between ours.
    closefrom(3);
    join(start(user, NULL));
    user(NULL);
    return 0;
}
