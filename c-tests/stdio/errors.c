// How streams fail: would-block, time-outs, EINTR, EPIPE, a closed descriptor, the wrong direction. Flags, answers and errno.
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>

static void show(const char *what, long result, FILE *stream)
{
    int error = errno;
    printf("%s: %ld %s, end %d, error %d\n", what, result, error_name(error), !!feof(stream), !!ferror(stream));
    clearerr(stream);
    errno = 0;
}

static void on_signal(int number)
{
    (void)number;
}

static pthread_t reads;
static volatile int has_read;

static void *interrupts(void *unused)
{
    while (!has_read) {
        usleep(2000);
        pthread_kill(reads, SIGUSR1);
    }
    return unused;
}

static void *does_nothing(void *unused)
{
    return unused;
}

int main(void)
{
    int ends[2];
    char line[100], much[100000];
    struct timeval soon = {0, 20000};
    char *text;
    size_t size;

    join(start(does_nothing, NULL));
    stream_pair(ends);
    FILE *in = fdopen(ends[0], "r"), *out = fdopen(ends[1], "w");

    must(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    errno = 0;
    show("fgets, non-blocking", fgets(line, 100, in) != NULL, in);
    show("fgetc, non-blocking", fgetc(in), in);
    show("fread, non-blocking", fread(line, 1, 10, in), in);
    write_all(ends[1], "part", 4);
    show("fread of a part", fread(line, 1, 10, in), in);
    write_all(ends[1], "part", 4);
    show("fgets of a part", fgets(line, 100, in) != NULL, in);
    printf("%s\n", line);
    must(fcntl(ends[0], F_SETFL, 0));

    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
    show("fgets, timed out", fgets(line, 100, in) != NULL, in);
    write_all(ends[1], "before", 6);
    show("fread, timed out", fread(line, 1, 10, in), in);
    text = NULL, size = 0;
    show("getline, timed out", getline(&text, &size, in), in);
    show("fscanf, timed out", fscanf(in, "%99s", line), in);
    free(text);
    soon.tv_usec = 0;
    must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));

    struct sigaction action = {.sa_handler = on_signal};
    must(sigaction(SIGUSR1, &action, NULL));
    reads = pthread_self();
    pthread_t interrupting = start(interrupts, NULL);
    errno = 0;
    long got = fgetc(in);
    int error = errno;
    has_read = 1;
    join(interrupting);
    errno = error;
    show("fgetc, interrupted", got, in);

    show("the wrong way", fputc('x', in), in);
    show("the wrong way", fputs("text", in), in);
    show("the wrong way", fprintf(in, "text"), in);
    show("the wrong way", fgetc(out), out);
    show("the wrong way", fread(line, 1, 5, out), out);

    signal(SIGPIPE, SIG_IGN);
    memset(much, 'm', sizeof much);
    must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    setvbuf(out, NULL, _IOFBF, 4096);
    do
        errno = 0, got = fwrite(much, 1, sizeof much, out);
    while (got == sizeof much);
    show("fwrite, non-blocking: some", got > 0 && got < (long)sizeof much, out);
    must(fcntl(ends[1], F_SETFL, 0));
    fclose(in);
    show("fputs to nobody", fputs("text", out), out);
    show("fflush to nobody", fflush(out), out);
    show("fflush again", fflush(out), out);
    show("fwrite to nobody", fwrite(much, 1, 9000, out), out);
    fputs("text", out);
    errno = 0;
    int closed = fclose(out);
    printf("fclose: %d %s\n", closed, error_name(errno));

    stream_pair(ends);
    out = fdopen(ends[1], "w");
    setvbuf(out, NULL, _IONBF, 0);
    close(ends[0]);
    errno = 0;
    show("unbuffered: fputc", fputc('x', out), out);
    show("unbuffered: fprintf", fprintf(out, "%d", 12), out);
    show("unbuffered: puts", fputs("x", out), out);
    must(close(ends[1]));
    show("closed: fputc", fputc('x', out), out);
    errno = 0;
    closed = fclose(out);
    printf("fclose: %d %s\n", closed, error_name(errno));

    must(pipe(ends));
    in = fdopen(ends[0], "r");
    must(close(ends[0]));
    errno = 0;
    show("closed: fgetc", fgetc(in), in);
    return 0;
}
