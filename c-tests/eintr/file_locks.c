// flock, and fcntl locks of open file descriptions, held by another thread for a while; and a lock that another process holds.
#include "../fixture.h"
#include "eintr.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

enum { ROUNDS = 10 };
static long counter, inside;
static _Atomic long mistakes;

static void *takes(void *arg)
{
    // A description of its own for each thread: locks belong to that.
    int fd = must(open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (int i = 0; i < ROUNDS; i++) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (unbox(arg) & 4)
            go_on(flock(fd, LOCK_EX));
        else
            go_on(fcntl(fd, F_OFD_SETLKW, &whole));
        mistakes += inside++ != 0;
        if (i % 3 == 0)
            pause_ms(2);
        counter++;
        inside--;
        whole.l_type = F_UNLCK;
        if (unbox(arg) & 4)
            must(flock(fd, LOCK_UN));
        else
            must(fcntl(fd, F_OFD_SETLK, &whole));
    }
    close(fd);
    return NULL;
}

static void *takes_by_flock(void *arg)
{
    return takes(box(unbox(arg) | 4));
}

int main(void)
{
    int ready[2];
    everywhere(takes);
    everywhere(takes_by_flock);
    printf("counter: %ld, mistakes: %ld\n", counter, mistakes);

    must(pipe(ready));
    pid_t child = must(fork());
    int fd = must(open("lock", O_RDWR));
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char byte;
    if (child == 0) {
        go_on(fcntl(fd, F_SETLKW, &whole));
        write_on(ready[1], "x", 1);
        pause_ms(30);
        _exit(0);
    }
    read_on(ready[0], &byte, 1);
    go_on(fcntl(fd, F_SETLKW, &whole));
    printf("the process had it: %s\n", yes(go_on(waitpid(child, NULL, 0)) == child));
    return 0;
}
