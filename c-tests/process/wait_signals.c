// Signals while a thread waits for any child: with SA_RESTART it goes on, without it's EINTR; children of a process that ignores
// SIGCHLD leave no status, and the last one's end is ECHILD.
#include "fixture.h"
#include <signal.h>
#include <sys/wait.h>

static volatile sig_atomic_t handled;

static void on_signal(int number)
{
    (void)number;
    handled++;
}

static pid_t child_with_line(int *line)
{
    int ends[2];
    must(pipe(ends));
    pid_t child = must(fork());
    if (child == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 5 : 6);
    }
    close(ends[0]);
    *line = ends[1];
    return child;
}

static void release(int fd)
{
    write_all(fd, "x", 1);
    close(fd);
}

static void *waits(void *out)
{
    int status = -1;
    pid_t child = wait(&status);
    snprintf(out, 64, "%s, status %d", child > 0 ? "a child" : error_name(errno), status);
    return NULL;
}

static void *waits_for_pid(void *out)
{
    int status = -1;
    pid_t child = waitpid(*(pid_t *)out, &status, 0);
    snprintf(out, 64, "%s, status %d", child > 0 ? "a child" : error_name(errno), status);
    return NULL;
}

static void install(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    must(sigaction(number, &action, NULL));
}

static void interrupted(int flags)
{
    char said[64] = "";
    int line;
    child_with_line(&line);
    install(SIGUSR1, on_signal, flags);
    handled = 0;
    pthread_t thread = start(waits, said);
    // If it comes too early it interrupts nothing: once more.
    do {
        usleep(20000);
        zero(pthread_kill(thread, SIGUSR1));
        usleep(20000);
    } while (flags == 0 && said[0] == '\0');
    release(line);
    join(thread);
    printf("%s: %s, handled: %s\n", flags ? "restarts" : "ends", said, yes(handled > 0));
    if (flags == 0)
        printf("  afterwards %s\n", wait(NULL) > 0 ? "a child" : "none");
}

static void *main_is_interrupted(void *thread)
{
    for (int i = 0; i < 50; i++) {
        usleep(20000);
        if (handled == 1000)
            break;
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
    }
    return NULL;
}

int main(void)
{
    char said[64] = "", second[64] = "";
    int line, other_line;
    pid_t child;

    interrupted(SA_RESTART);
    interrupted(0);

    // Main itself.
    pthread_t self = pthread_self();
    child = child_with_line(&line);
    pthread_t kicker = start(main_is_interrupted, &self);
    printf("main: %s\n", answer(waitpid(-1, NULL, 0)));
    handled = 1000;
    join(kicker);
    release(line);
    printf("main: %s\n", yes(waitpid(-1, NULL, 0) == child));

    // A handler of SIGCHLD's own that reaps: whoever waited beside it finds nothing.
    handled = 0;
    install(SIGCHLD, on_signal, SA_RESTART);
    child = child_with_line(&line);
    pthread_t thread = start(waits, said);
    usleep(10000);
    release(line);
    join(thread);
    printf("with a handler: %s\n", said);

    // Ignored: no status, and one who waits for any waits for all.
    install(SIGCHLD, SIG_IGN, 0);
    child = child_with_line(&line);
    child_with_line(&other_line);
    memcpy(second, &child, sizeof child);
    thread = start(waits, said);
    pthread_t for_pid = start(waits_for_pid, second);
    usleep(10000);
    release(line);
    join(for_pid);
    printf("ignored: %s\n", second);
    release(other_line);
    join(thread);
    printf("ignored: %s\n", said);

    // SA_NOCLDWAIT is the same with a handler.
    install(SIGCHLD, on_signal, SA_NOCLDWAIT | SA_RESTART);
    child_with_line(&line);
    thread = start(waits, said);
    usleep(10000);
    release(line);
    join(thread);
    printf("no zombies: %s\n", said);
    return 0;
}
