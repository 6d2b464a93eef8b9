// Threads that are cancelled in each stdio call that waits: the lock is free after that, nothing of the stream is lost, and those that
// need not wait go on.
#include "fixture.h"

static int ends[2];
static FILE *in, *out;
static char much[200000];

static void with_fgetc(void) { fgetc(in); }
static void with_fgets(void) { char line[20]; if (fgets(line, 20, in)) printf("?"); }
static void with_fread(void) { char bytes[9000]; if (fread(bytes, 1, 9000, in)) printf("?"); }
static void with_getline(void) { static char *line; static size_t size; if (getline(&line, &size, in)) printf("?"); }
static void with_fscanf(void) { int number; if (fscanf(in, "%d", &number)) printf("?"); }
static void with_fwrite(void) { fwrite(much, 1, sizeof much, out); }
static void with_fputs(void) { much[sizeof much - 1] = 0; fputs(much, out); }
static void with_fprintf(void) { fprintf(out, "%.150000s", much); }
static void with_fputc(void) { for (;;) fputc('x', out); }
static void with_fflush(void) { for (;;) { fputs("text", out); fflush(out); } }

static void says(void *unused)
{
    (void)unused;
    printf(" cleaned up");
}

static void *runs(void *call)
{
    pthread_cleanup_push(says, NULL);
    ((void (*)(void))call)();
    pthread_cleanup_pop(0);
    printf(" came back");
    return NULL;
}

static void *looks(void *stream)
{
    printf(", lock %s", ftrylockfile(stream) == 0 ? "free" : "taken");
    funlockfile(stream);
    return NULL;
}

static void *buffered(void *unused)
{
    int fd[2];
    must(pipe(fd));
    FILE *to = fdopen(fd[1], "w");
    pthread_cancel(pthread_self());
    fputs("into the buffer", to);
    fprintf(to, "%d", 5);
    printf("what needs no write goes on\n");
    fflush(to);
    printf("not here\n");
    return unused;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*call)(void);
        int writes;
    } calls[] = {
        {"fgetc", with_fgetc, 0}, {"fgets", with_fgets, 0}, {"fread", with_fread, 0}, {"getline", with_getline, 0}, {"fscanf", with_fscanf, 0},
        {"fwrite", with_fwrite, 1}, {"fputs", with_fputs, 1}, {"fprintf", with_fprintf, 1}, {"fputc", with_fputc, 1}, {"fflush", with_fflush, 1},
    };
    memset(much, 'm', sizeof much);
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        char line[20];
        must(pipe(ends));
        in = fdopen(ends[0], "r");
        out = fdopen(ends[1], "w");
        printf("%s:", calls[i].name);
        pthread_t thread = start(runs, calls[i].call);
        let_it_block();
        zero(pthread_cancel(thread));
        printf("%s", join(thread) == PTHREAD_CANCELED ? ", cancelled" : ", ended");
        join(start(looks, calls[i].writes ? out : in));
        if (!calls[i].writes) {
            write_all(ends[1], "whole\n", 6);
            printf(", error %d, end %d, then %s", ferror(in), feof(in), fgets(line, sizeof line, in));
        } else {
            printf(", error %d\n", ferror(out));
            // Its buffer can't be written any more.
            close(ends[0]);
            continue;
        }
        fclose(in);
        fclose(out);
    }
    printf("%s\n", join(start(buffered, NULL)) == PTHREAD_CANCELED ? "cancelled" : "ended");
    fflush(stdout);
    _exit(0);
}
