// The signal mask that ppoll, pselect, epoll_pwait and epoll_pwait2 wait with: a pending signal ends the wait at once, one that is
// sent meanwhile ends it too, one that stays blocked doesn't; afterwards the thread's own mask is back.
#include "../signals/signals.h"
#include <sys/epoll.h>
#include <sys/select.h>

static int data[2], set_fd, empty_set;
static __thread volatile int handled, blocked_inside;
static sem_t begun;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    handled++;
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    blocked_inside = sigismember(&now, SIGUSR2);
}

static const char *const names[] = {"ppoll", "pselect", "epoll_pwait", "epoll_pwait2"};

// Waits for data, or for nothing if there's to be none.
static int wait_masked(int kind, long ms, const sigset_t *mask, int with_data)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000}, *limit = ms < 0 ? NULL : &t;
    struct pollfd p = {with_data ? data[0] : -1, POLLIN, 0};
    struct epoll_event event;
    fd_set in;
    FD_ZERO(&in);
    if (with_data)
        FD_SET(data[0], &in);
    errno = 0;
    switch (kind) {
    case 0:
        return ppoll(&p, 1, limit, mask);
    case 1:
        return pselect(data[0] + 1, &in, NULL, NULL, limit, mask);
    case 2:
        return epoll_pwait(with_data ? set_fd : empty_set, &event, 1, ms, mask);
    default:
        return epoll_pwait2(with_data ? set_fd : empty_set, &event, 1, limit, mask);
    }
}

static void report(const char *what, int kind, int result)
{
    printf("%s, %s: %s", names[kind], what, answer_(result));
    printf(", handled %d, pending %s, blocked again %s, SIGUSR2 blocked inside %s\n", handled, yes(is_pending(SIGUSR1)), yes(is_blocked(SIGUSR1)),
           yes(blocked_inside));
    handled = 0;
}

static int kind_now;

static void *waits(void *argument)
{
    // Blocks SIGUSR1 but while it waits.
    sigset_t mask = only(SIGUSR2);
    block(SIGUSR1);
    must(sem_post(&begun));
    int result = wait_masked(kind_now, argument ? 10000 : -1, &mask, 0);
    report("sent meanwhile", kind_now, result);
    return NULL;
}

static void *stays_blocked(void *unused)
{
    (void)unused;
    // Open to SIGUSR1 but while it waits.
    sigset_t mask = only(SIGUSR1);
    must(sem_post(&begun));
    int result = wait_masked(kind_now, 10000, &mask, 1);
    // The handler runs as soon as the mask is the old one.
    report("kept off while waiting", kind_now, result);
    return NULL;
}

static void *no_mask(void *unused)
{
    (void)unused;
    block(SIGUSR1);
    must(sem_post(&begun));
    int result = wait_masked(kind_now, 10000, NULL, 1);
    report("no mask given", kind_now, result);
    return NULL;
}

static void *user(void *unused)
{
    (void)unused;
    sigset_t none, mask = only(SIGUSR2), other = only(SIGUSR1);
    sigemptyset(&none);
    for (int kind = 0; kind < 4; kind++) {
        block(SIGUSR1);
        pthread_kill(pthread_self(), SIGUSR1);
        report("pending, no mask, no time", kind, wait_masked(kind, 0, NULL, 1));
        report("pending, not let in", kind, wait_masked(kind, 10, &other, 1));
        report("pending, let in, no time limit", kind, wait_masked(kind, -1, &mask, 1));
        pthread_kill(pthread_self(), SIGUSR1);
        report("pending, let in", kind, wait_masked(kind, 10000, &none, 0));
        pthread_kill(pthread_self(), SIGUSR1);
        report("pending, let in, no time", kind, wait_masked(kind, 0, &none, 0));
        // Data is the answer, and the signal waits on.
        if (!is_pending(SIGUSR1))
            pthread_kill(pthread_self(), SIGUSR1);
        must(write(data[1], "x", 1));
        report("pending, let in, and data", kind, wait_masked(kind, 10000, &none, 1));
        report("the same, no time", kind, wait_masked(kind, 0, &none, 1));
        must(read(data[0], &(char){0}, 1));
        unblock(SIGUSR1);
        printf("unblocked: handled %d\n", handled);
        handled = 0;
    }
    return NULL;
}

int main(void)
{
    struct epoll_event wish = {.events = EPOLLIN};
    must(pipe(data));
    set_fd = must(epoll_create1(0));
    empty_set = must(epoll_create1(0));
    must(epoll_ctl(set_fd, EPOLL_CTL_ADD, data[0], &wish));
    must(sem_init(&begun, 0, 0));
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    must(sigaction(SIGUSR1, &action, NULL));
    join(start(user, NULL));
    user(NULL);
    for (kind_now = 0; kind_now < 4; kind_now++) {
        for (long limited = 0; limited < 2; limited++) {
            pthread_t thread = start(waits, box(limited));
            must(sem_wait(&begun));
            if (limited)
                let_it_block();
            zero(pthread_kill(thread, SIGUSR1));
            join(thread);
        }
        pthread_t thread = start(stays_blocked, NULL);
        must(sem_wait(&begun));
        zero(pthread_kill(thread, SIGUSR1));
        let_it_block();
        must(write(data[1], "x", 1));
        join(thread);
        must(read(data[0], &(char){0}, 1));

        thread = start(no_mask, NULL);
        must(sem_wait(&begun));
        zero(pthread_kill(thread, SIGUSR1));
        let_it_block();
        must(write(data[1], "x", 1));
        join(thread);
        must(read(data[0], &(char){0}, 1));
    }
    return 0;
}
