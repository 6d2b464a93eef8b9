// popen's modes, which descriptors its children have, and what ends its streams: pclose and fclose; of streams that aren't its; of children
// that are gone.
#include "fixture.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

// Not what the compiler thinks is right.
static int (*volatile by_fclose)(FILE *) = fclose, (*volatile by_pclose)(FILE *) = pclose;

static void modes(void)
{
    static const char *all[] = {"r", "w", "re", "we", "er", "rw", "rb", "", "e", "a", "rr", "r+"};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        errno = 0;
        FILE *stream = popen("exit 2", all[i]);
        if (!stream) {
            printf("\"%s\": %s\n", all[i], error_name(errno));
            continue;
        }
        printf("\"%s\": closed by exec %d, ", all[i], fcntl(fileno(stream), F_GETFD) & FD_CLOEXEC);
        printf("status %d\n", WEXITSTATUS(pclose(stream)));
    }
}

// How many pipes a child of popen has.
static int descriptors(void)
{
    char line[256] = "";
    FILE *stream = popen("c=0; n=0; while [ $n -lt 50 ]; do [ -p /proc/self/fd/$n ] && c=$((c+1)); n=$((n+1)); done; echo $c", "r");
    if (!fgets(line, sizeof line, stream))
        die("fgets");
    pclose(stream);
    return atoi(line);
}

static void streams_of_others(void)
{
    // Its end comes though a later child was started meanwhile: that has not got it.
    FILE *writer = popen("cat >/dev/null; exit 3", "w"), *later = popen("read line; exit 4", "w");
    printf("before and with others: %d\n", descriptors());
    fprintf(writer, "text\n");
    printf("the first: %d\n", WEXITSTATUS(pclose(writer)));
    printf("the later: %d\n", WEXITSTATUS(pclose(later)));
}

static void endings(void)
{
    char line[64] = "";
    FILE *stream = popen("exit 5", "r");
    printf("fclose: %d\n", by_fclose(stream) >> 8);
    stream = fopen("/dev/null", "r");
    printf("pclose of a file: %d\n", by_pclose(stream));
    int ends[2];
    must(pipe(ends));
    stream = fdopen(ends[0], "r");
    printf("pclose of a pipe: %d\n", by_pclose(stream));
    printf("it's closed: %s\n", answer(fcntl(ends[0], F_GETFD)));
    close(ends[1]);

    stream = popen("echo one; exit 6", "r");
    if (fgets(line, sizeof line, stream))
        printf("%s", line);
    printf("%d\n", WEXITSTATUS(pclose(stream)));

    stream = popen("exit 7", "r");
    int status;
    must(wait(&status));
    printf("reaped: %d; pclose: ", WEXITSTATUS(status));
    status = pclose(stream);
    printf("%s\n", status == -1 ? error_name(errno) : "?");

    // A reader that has gone.
    signal(SIGPIPE, SIG_IGN);
    stream = popen("exec true", "w");
    siginfo_t info;
    must(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
    fprintf(stream, "for nobody\n");
    status = pclose(stream);
    printf("nobody reads: %d\n", status);
    stream = popen("exit 8", "w");
    must(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
    fprintf(stream, "for nobody\n");
    printf("nobody reads: %d\n", WEXITSTATUS(pclose(stream)));
    signal(SIGPIPE, SIG_DFL);
    stream = popen("kill -9 $$", "r");
    printf("killed: %d\n", WTERMSIG(pclose(stream)));
    stream = popen("no-such-command 2>/dev/null", "r");
    printf("no such command: %d\n", WEXITSTATUS(pclose(stream)));
}

static volatile sig_atomic_t handled;

static void on_signal(int number)
{
    (void)number;
    handled++;
}

static void *interrupted(void *unused)
{
    (void)unused;
    FILE *stream = popen("sleep 0.1; exit 9", "w");
    return box(WEXITSTATUS(pclose(stream)));
}

// Threads with streams of their own, at once.
static void *copies(void *number)
{
    char text[64], line[64] = "";
    snprintf(text, sizeof text, "echo %ld; sleep 0.05; exit %ld", unbox(number), unbox(number));
    FILE *stream = popen(text, "r");
    long good = fgets(line, sizeof line, stream) != NULL && atol(line) == unbox(number);
    return box(good && WEXITSTATUS(pclose(stream)) == unbox(number));
}

static void *all(void *unused)
{
    modes();
    streams_of_others();
    endings();
    return unused;
}

int main(void)
{
    pthread_t threads[20];
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction action = {.sa_handler = on_signal};
    long good = 0;

    all(NULL);
    join(start(all, NULL));
    must(sigaction(SIGUSR1, &action, NULL));
    threads[0] = start(interrupted, NULL);
    for (int i = 0; i < 4; i++) {
        usleep(10000);
        zero(pthread_kill(threads[0], SIGUSR1));
    }
    printf("signals don't end it: %ld\n", unbox(join(threads[0])));
    for (int i = 0; i < 20; i++)
        threads[i] = start(copies, box(i));
    for (int i = 0; i < 20; i++)
        good += unbox(join(threads[i]));
    printf("at once: %ld\n", good);
    return 0;
}
