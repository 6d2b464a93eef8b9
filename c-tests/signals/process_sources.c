// Where signals to the process come from: kill by main, by a thread and by a child, killpg, setitimer, sigqueue. main and all threads
// but one block them; that one runs the handler, and sees who sent it.
#include "signals.h"
#include <sys/time.h>
#include <sys/wait.h>

static pthread_t worker;
static atomic_int count, code, sender, right_thread;
static pid_t child;
static int ends[2];

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    code = info->si_code;
    sender = info->si_pid;
    right_thread = pthread_equal(pthread_self(), worker) != 0;
    count++;
}

// Waits for signals: each handler ends its read.
static void *waits(void *unused)
{
    char byte;
    worker = pthread_self();
    unblock(SIGALRM);
    unblock(SIGUSR1);
    while (read(ends[0], &byte, 1) != 1)
        if (errno != EINTR)
            die("read");
    return unused;
}

static void *kills(void *unused)
{
    must(kill(getpid(), SIGUSR1));
    return unused;
}

static void await(int before)
{
    while (count == before)
        usleep(1000);
}

static void by_main(void) { must(kill(getpid(), SIGUSR1)); }
static void by_thread(void) { join(start(kills, NULL)); }
static void by_queue(void) { must(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 3})); }
static void by_group(void) { must(killpg(getpgrp(), SIGUSR1)); }
static void by_timer(void) { must(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 5000}}, NULL)); }

static void by_child(void)
{
    child = must(fork());
    if (child == 0) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    must(waitpid(child, NULL, 0));
}

int main(void)
{
    static const struct source {
        const char *name;
        void (*call)(void);
        int code;
    } sources[] = {
        {"main", by_main, SI_USER},   {"a thread", by_thread, SI_USER},   {"sigqueue", by_queue, SI_QUEUE}, {"killpg", by_group, SI_USER},
        {"a child", by_child, SI_USER}, {"setitimer", by_timer, SI_KERNEL},
    };
    setpgid(0, 0); // so that killpg reaches nobody else
    must(pipe(ends));
    block(SIGUSR1);
    block(SIGALRM);
    handle(SIGUSR1, handler, 0);
    handle(SIGALRM, handler, 0);
    pthread_t thread = start(waits, NULL);
    for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
        const struct source *source = &sources[i];
        int before = count;
        source->call();
        await(before);
        pid_t from = source->code == SI_KERNEL ? 0 : source->call == by_child ? child : getpid();
        printf("%s: si_code %s, si_pid %s, by the right thread: %s\n", source->name, yes(code == source->code), yes(sender == from),
               yes(right_thread));
    }
    printf("each once: %s\n", yes(count == sizeof sources / sizeof *sources));
    must(write(ends[1], "x", 1));
    join(thread);
    return 0;
}
