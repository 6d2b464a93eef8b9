// Programs that were started with a listener accept on it at once, with threads and without: each connection is accepted once, and no accept
// fails until the listener is shut down.
#include "fixture.h"
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

enum { WORKERS = 4, CONNECTIONS = 1200, BATCH = 40 };

extern char **environ;
static int door, report;

// Accepts until it cannot. Returns whether that was for another reason than the shutdown.
static void *serves(void *unused)
{
    (void)unused;
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0)
            return box(errno != EINVAL);
        close(fd);
        must(write(report, "a", 1));
    }
}

static int serve(int threads)
{
    pthread_t ids[4];
    int bad = 0;
    for (int i = 1; i < threads; i++)
        ids[i] = start(serves, NULL);
    bad += unbox(serves(NULL));
    for (int i = 1; i < threads; i++)
        bad += unbox(join(ids[i]));
    return bad;
}

static pid_t begin(char *program, int how, int threads)
{
    char text[3][12];
    char *arguments[] = {program, text[0], text[1], text[2], NULL};
    pid_t child;

    snprintf(text[0], sizeof text[0], "%d", door);
    snprintf(text[1], sizeof text[1], "%d", report);
    snprintf(text[2], sizeof text[2], "%d", threads);
    if (how == 0) {
        zero(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ));
        return child;
    }
    child = must(fork());
    if (child == 0) {
        execv("/proc/self/exe", arguments);
        _exit(100);
    }
    return child;
}

// Begins the workers (and accepts itself, if `too`), connects, and ends.
static void *round_of(void *arguments)
{
    char *program = ((void **)arguments)[0];
    int too = unbox(((void **)arguments)[1]);
    struct sockaddr_in address;
    pid_t child[WORKERS];
    int ends[2], bad = 0, status, accepted = 0;
    pthread_t own;

    door = listen_loopback(100, &address);
    must(pipe(ends));
    report = ends[1];
    for (int i = 0; i < WORKERS; i++)
        child[i] = begin(program, i % 2, i == 3 ? 1 : 3);
    if (too)
        own = start(serves, NULL);
    for (int i = 0; i < CONNECTIONS; i++) {
        char bytes[BATCH];
        close(connect_to(&address));
        // So the backlog never fills up, and the workers wait again and again.
        if (i % BATCH == BATCH - 1)
            accepted += read_all(ends[0], bytes, BATCH);
    }
    must(shutdown(door, SHUT_RDWR));
    if (too)
        bad += unbox(join(own));
    for (int i = 0; i < WORKERS; i++) {
        must(waitpid(child[i], &status, 0));
        bad += WIFEXITED(status) ? WEXITSTATUS(status) : 100;
    }
    close(ends[1]);
    printf("accepted: %d, more than connected: %s\n", accepted, read(ends[0], &status, 1) == 0 ? "no" : "yes");
    printf("spurious errors: %d\n", bad);
    close(ends[0]);
    close(door);
    return NULL;
}

int main(int count, char **names)
{
    if (count > 3) {
        door = atoi(names[1]);
        report = atoi(names[2]);
        return serve(atoi(names[3]));
    }
    // A worker that ended must not leave this one waiting.
    alarm(30);
    void *alone[] = {names[0], box(0)}, *too[] = {names[0], box(1)};
    join(start(round_of, alone));
    printf("and this process, too\n");
    join(start(round_of, too));
    return 0;
}
