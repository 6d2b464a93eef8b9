// What is waited for is what the arrays and sets said at the call: select leaves its sets alone when a signal ends it, another thread may
// write into poll's array meanwhile, a description that lives on under another number says nothing about the one that took its
// place, and a handler that jumps out of a wait leaves nothing behind.
// fds: 1000
#include "../fixture.h"
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/select.h>

enum { MANY = 64, JUMPS = 100 };

static pthread_t target;
static _Atomic int over;
static sigjmp_buf out;

static void ignore(int number)
{
    (void)number;
}

static void jump(int number)
{
    (void)number;
    siglongjmp(out, 1);
}

static void *disturbs(void *unused)
{
    while (!over) {
        usleep(1000);
        pthread_kill(target, SIGUSR1);
    }
    return unused;
}

static pthread_t disturb(void)
{
    target = pthread_self();
    over = 0;
    return start(disturbs, NULL);
}

static void *selects(void *unused)
{
    int ends[2];
    fd_set in, out_set;
    must(pipe(ends));
    must(write(ends[1], "x", 1));
    must(read(ends[0], &(char){0}, 1));
    FD_ZERO(&in);
    FD_ZERO(&out_set);
    FD_SET(ends[0], &in);
    pthread_t other = disturb();
    int n = 0, rounds = 0;
    do {
        if (n < 0 && !FD_ISSET(ends[0], &in))
            printf("the set was changed\n");
        if (rounds++ == 5)
            must(write(ends[1], "x", 1));
        n = select(ends[0] + 1, &in, &out_set, NULL, NULL);
    } while (n < 0 && errno == EINTR);
    printf("select, in the end: %d, the right one %s\n", n, yes(FD_ISSET(ends[0], &in)));
    over = 1;
    join(other);
    return unused;
}

static struct pollfd shared[40];
static int shared_ends[40][2];

static void *takes_away(void *unused)
{
    let_it_block();
    shared[0].fd = -1;
    let_it_block();
    must(write(shared_ends[0][1], "x", 1));
    return unused;
}

static void *flips(void *unused)
{
    while (!over)
        for (int i = 1; i < 40; i++) {
            volatile struct pollfd *p = &shared[i];
            p->fd = p->fd < 0 ? shared_ends[i][0] : -1;
        }
    return unused;
}

static void *polls(void *unused)
{
    for (int i = 0; i < 100; i++)
        poll(shared, 40, 1);
    return unused;
}

static void *written_meanwhile(void *unused)
{
    for (int i = 0; i < 40; i++) {
        must(pipe(shared_ends[i]));
        shared[i] = (struct pollfd){shared_ends[i][0], POLLIN, 0};
    }
    pthread_t other = start(takes_away, NULL), pollers[4];
    int n = poll(shared, 40, 20000);
    printf("poll, its entry taken away: %d, revents %d\n", n, shared[0].revents);
    join(other);
    over = 0;
    other = start(flips, NULL);
    for (int i = 0; i < 4; i++)
        pollers[i] = start(polls, NULL);
    for (int i = 0; i < 4; i++)
        join(pollers[i]);
    over = 1;
    join(other);
    printf("polled while entries come and go\n");
    return unused;
}

static void *lives_on(void *unused)
{
    struct pollfd array[MANY];
    int ends[MANY][2], another[2];
    for (int i = 0; i < MANY; i++) {
        must(pipe(ends[i]));
        array[i] = (struct pollfd){ends[i][0], POLLIN, 0};
    }
    must(pipe(another));
    int kept = must(dup(ends[5][0]));
    for (int i = 0; i < 4; i++)
        poll(array, MANY, 1);
    close(ends[5][0]);
    array[5].fd = another[0];
    must(write(ends[5][1], "x", 1)); // nobody polls that
    int n = poll(array, MANY, 20);
    printf("another in its place: %d, revents %d\n", n, array[5].revents);
    must(write(another[1], "y", 1));
    n = poll(array, MANY, 20000);
    printf("and now: %d, revents %d\n", n, array[5].revents);
    close(kept);
    return unused;
}

__attribute__((noinline)) static int open_descriptors(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static void *jumps_out(void *unused)
{
    static struct pollfd array[MANY];
    static sigset_t blocked, none;
    int ends[2];
    for (int i = 0; i < MANY; i++) {
        must(pipe(ends));
        array[i] = (struct pollfd){ends[0], POLLIN, 0};
    }
    for (int i = 0; i < 4; i++)
        poll(array, MANY, 1);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &blocked, NULL));
    int before = open_descriptors();
    pthread_t other = disturb();
    for (volatile int i = 0; i < JUMPS; i++)
        if (!sigsetjmp(out, 1))
            ppoll(array, MANY, NULL, &none);
    over = 1;
    join(other);
    // A few of the kernel's threads may have come, or a set be kept; not one for each jump.
    printf("descriptors left behind: %s\n", yes(open_descriptors() - before > JUMPS / 4));
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = ignore};
    must(sigaction(SIGUSR1, &action, NULL));
    join(start(selects, NULL));
    join(start(written_meanwhile, NULL));
    join(start(lives_on, NULL));
    action.sa_handler = jump;
    must(sigaction(SIGUSR1, &action, NULL));
    join(start(jumps_out, NULL));
    return 0;
}
