// Cancellation in what libc waits for itself: fgets and getc on a pipe, fwrite into a full one, system. The stream can be used again.
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static FILE *in, *out;
static int in_ends[2], out_ends[2];

static void with_fgets(void)
{
    char line[80];
    if (fgets(line, sizeof line, in))
        printf("  came back\n");
}

static void with_getc(void)
{
    getc(in);
    printf("  came back\n");
}

static void with_fwrite(void)
{
    static char much[1 << 18];
    fwrite(much, 1, sizeof much, out);
    printf("  came back\n");
}

// A child that waits until it's killed: system kills it when it's cancelled.
static void with_system(void)
{
    int result = system("exec sleep 600");
    printf("  came back: %d\n", result);
}

static void says(void *text)
{
    struct sigaction action;
    sigset_t mask;

    must(sigaction(SIGINT, NULL, &action));
    zero(pthread_sigmask(SIG_BLOCK, NULL, &mask));
    printf("  %s: SIGINT %s, SIGCHLD %s, children: %s\n", (char *)text, action.sa_handler == SIG_IGN ? "ignored" : "default",
           sigismember(&mask, SIGCHLD) ? "blocked" : "let in", answer(waitpid(-1, NULL, WNOHANG)));
}

static void *runs(void *call)
{
    pthread_cleanup_push(says, "cleaned up");
    ((void (*)(void))call)();
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*call)(void);
    } points[] = {{"fgets", with_fgets}, {"getc", with_getc}, {"fwrite", with_fwrite}, {"system", with_system}};
    char line[80];

    must(pipe(in_ends));
    must(pipe(out_ends));
    in = fdopen(in_ends[0], "r");
    out = fdopen(out_ends[1], "w");
    for (unsigned i = 0; i < sizeof points / sizeof *points; i++) {
        printf("%s\n", points[i].name);
        pthread_t thread = start(runs, points[i].call);
        usleep(30000);
        zero(pthread_cancel(thread));
        printf("  cancelled: %s\n", yes(join(thread) == PTHREAD_CANCELED));
    }
    must(write(in_ends[1], "a line\n", 7));
    printf("the stream: %s", fgets(line, sizeof line, in));
    return 0;
}
