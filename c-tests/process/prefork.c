// A prefork server: the parent listens, children accept, each connection by a thread; children die and are replaced, whatever killed them; on
// SIGHUP all are replaced, on SIGTERM all end. The parent waits for any child, and its handlers end that wait.
#include "fixture.h"
#include <signal.h>
#include <sys/wait.h>

enum { CHILDREN = 4, CLIENTS = 12, REQUESTS = 5 };

static int listener, deaths[2];
static pid_t children[CHILDREN];
static volatile sig_atomic_t told_to_end;

static void *serves(void *argument)
{
    int fd = unbox(argument);
    char request;
    while (read(fd, &request, 1) == 1) {
        if (request == 'k')
            kill(getpid(), SIGKILL);
        if (request == 'e')
            exit(3);
        if (request == 's')
            abort();
        usleep(1000);
        write_all(fd, &request, 1);
    }
    close(fd);
    return NULL;
}

// The children are killed right here, so it doesn't matter whether this ends a wait.
static void on_signal(int number)
{
    int error = errno;
    if (number == SIGTERM)
        told_to_end = 1;
    for (int i = 0; i < CHILDREN; i++)
        if (children[i] > 0)
            kill(children[i], SIGTERM);
    errno = error;
}

static void block_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    zero(pthread_sigmask(how, &set, NULL));
}

static void child_main(void)
{
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    block_signals(SIG_UNBLOCK);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd == -1)
            die("accept");
        pthread_detach(start_small(serves, box(fd)));
    }
}

static void *idles(void *line)
{
    char byte;
    return box(read(unbox(line), &byte, 1));
}

// The parent, with a thread beside; it tells of each death in one byte: how it came.
static void parent_main(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    int line[2];

    must(sigaction(SIGTERM, &action, NULL));
    must(sigaction(SIGHUP, &action, NULL));
    must(pipe(line));
    pthread_t beside = start(idles, box(line[0]));
    for (;;) {
        int status;
        // A child is noted, and has no handlers, before it can be told to end.
        block_signals(SIG_BLOCK);
        for (int i = 0; i < CHILDREN && !told_to_end; i++)
            if (children[i] == 0) {
                children[i] = must(fork());
                if (children[i] == 0)
                    child_main();
            }
        block_signals(SIG_UNBLOCK);
        pid_t child = wait(&status);
        if (child == -1 && errno == EINTR)
            continue;
        if (child == -1)
            break;
        for (int i = 0; i < CHILDREN; i++)
            if (children[i] == child)
                children[i] = 0;
        char how = WIFEXITED(status) ? WEXITSTATUS(status) == 3 ? 'e' : 'E' : WTERMSIG(status) == SIGKILL ? 'k' : WTERMSIG(status) == SIGTERM ? 't' : 's';
        write_all(deaths[1], &how, 1);
    }
    write_all(line[1], "x", 1);
    exit(unbox(join(beside)) == 1 ? 40 : 41);
}

static struct sockaddr_in address;

static int request(char what)
{
    char answer = 0;
    int fd = connect_to(&address);
    write_all(fd, &what, 1);
    ssize_t got = read(fd, &answer, 1);
    close(fd);
    return got == 1 && answer == what;
}

static void *asks(void *unused)
{
    long good = 0;
    (void)unused;
    for (int i = 0; i < REQUESTS; i++)
        good += request('a');
    return box(good);
}

static void all_ask(const char *when)
{
    pthread_t clients[CLIENTS];
    long good = 0;
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start_small(asks, NULL);
    for (int i = 0; i < CLIENTS; i++)
        good += unbox(join(clients[i]));
    printf("%s: %ld\n", when, good);
}

static void deaths_are(int n)
{
    char how[CHILDREN + 1] = "";
    read_all(deaths[0], how, n);
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            if (how[j] < how[i]) {
                char other = how[i];
                how[i] = how[j];
                how[j] = other;
            }
    printf("deaths: %s\n", how);
}

int main(void)
{
    int status;
    listener = listen_loopback(64, &address);
    must(pipe(deaths));
    fflush(stdout);
    pid_t server = must(fork());
    if (server == 0) {
        close(deaths[0]);
        parent_main();
    }
    close(listener);
    close(deaths[1]);
    all_ask("at first");
    request('k');
    deaths_are(1);
    request('e');
    deaths_are(1);
    request('s');
    deaths_are(1);
    all_ask("after deaths");
    must(kill(server, SIGHUP));
    deaths_are(CHILDREN);
    all_ask("renewed");
    must(kill(server, SIGTERM));
    deaths_are(CHILDREN);
    must(waitpid(server, &status, 0));
    printf("the server: %d\n", WEXITSTATUS(status));
    return 0;
}
