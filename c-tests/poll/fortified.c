// The names that fortified programs call: __poll_chk, __ppoll_chk, __fdelt_chk do as the plain ones, wait as they do, and end the
// program when the array is too short.
#include "../fixture.h"
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/wait.h>

extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
extern int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);
extern long __fdelt_chk(long);

static int ends[2];
static struct pollfd set[4];

static void *late_writer(void *unused)
{
    (void)unused;
    let_it_block();
    must(write(ends[1], "x", 1));
    return NULL;
}

static void take(int result)
{
    printf("%s", answer_(result));
    printf(", %d\n", set[0].revents);
    if (result == 1)
        must(read(ends[0], &(char){0}, 1));
}

// In a child: what becomes of the process?
static void child(const char *what, int kind)
{
    int status;
    fflush(stdout);
    pid_t id = must(fork());
    if (id == 0) {
        if (kind == 0)
            __poll_chk(set, 4, 0, sizeof set - 1);
        else if (kind == 1)
            __ppoll_chk(set, 4, &(struct timespec){0, 0}, NULL, sizeof set - 1);
        else
            __fdelt_chk(kind == 2 ? FD_SETSIZE : -1);
        _exit(0);
    }
    must(waitpid(id, &status, 0));
    printf("%s: %s\n", what, WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "lives");
}

static void *user(void *unused)
{
    (void)unused;
    struct timespec moment = {0, 1000000}, second = {10, 0};
    take(__poll_chk(set, 1, 0, sizeof set));
    take(__poll_chk(set, 1, 2, sizeof set));
    take(__ppoll_chk(set, 1, &moment, NULL, sizeof set));
    for (int kind = 0; kind < 4; kind++) {
        pthread_t writer = start(late_writer, NULL);
        take(kind == 0   ? __poll_chk(set, 4, -1, sizeof set)
             : kind == 1 ? __poll_chk(set, 4, 10000, sizeof set)
             : kind == 2 ? __ppoll_chk(set, 4, NULL, NULL, sizeof set)
                         : __ppoll_chk(set, 4, &second, NULL, sizeof set));
        join(writer);
    }
    printf("unknown size: %s\n", answer(__poll_chk(set, 4, 0, (size_t)-1)));
    printf("none of none: %s\n", answer(__poll_chk(set, 0, 1, 0)));
    printf("elements: %ld %ld %ld\n", __fdelt_chk(0), __fdelt_chk(64), __fdelt_chk(FD_SETSIZE - 1));
    child("poll, too short", 0);
    child("ppoll, too short", 1);
    child("fd 1024", 2);
    child("fd -1", 3);
    return NULL;
}

int main(void)
{
    must(pipe(ends));
    set[0] = (struct pollfd){ends[0], POLLIN, 0};
    for (int i = 1; i < 4; i++)
        set[i].fd = -1;
    join(start(user, NULL));
    user(NULL);
    return 0;
}
