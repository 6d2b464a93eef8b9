// fcntl and lockf locks between processes, as a thread sees them: it waits while others go on, is told who holds, and of a deadlock.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/wait.h>

static int file, told[2], go[2], steps;

static struct flock part(int type, long from, long size)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = size};
}

static const char *lock(int command, int type, long from, long size)
{
    struct flock want = part(type, from, size);
    return answer(fcntl(file, command, &want));
}

static void wait_for(int from)
{
    char byte;
    must(read(from, &byte, 1));
}

static void tell(int to)
{
    must(write(to, "x", 1));
}

static void *steps_on(void *unused)
{
    for (int i = 0; i < 50; i++, steps++)
        sched_yield();
    return unused;
}

static void *parent(void *child_pid)
{
    pid_t child = unbox(child_pid);
    struct flock who = part(F_WRLCK, 10, 5);
    wait_for(told[0]); // the child has 10 to 19
    must(fcntl(file, F_GETLK, &who));
    printf("F_GETLK: %s at %ld, %ld long, the child %s\n", who.l_type == F_WRLCK ? "write" : "?", (long)who.l_start, (long)who.l_len,
           yes(who.l_pid == child));
    printf("F_SETLK: %s\n", lock(F_SETLK, F_RDLCK, 15, 1));
    printf("F_SETLK beside it: %s\n", lock(F_SETLK, F_WRLCK, 20, 10));
    must(lseek(file, 12, SEEK_SET));
    printf("lockf, F_TLOCK: %s", answer(lockf(file, F_TLOCK, 2)));
    printf(", F_TEST: %s\n", answer(lockf(file, F_TEST, 2)));
    pthread_t other = start(steps_on, NULL);
    join(other);
    printf("the others go on: %d steps\n", steps);
    tell(go[1]); // it lets go when it gets this
    printf("F_SETLKW waits: %s\n", lock(F_SETLKW, F_WRLCK, 15, 2));
    wait_for(told[0]); // the child has 40, 41
    must(lseek(file, 40, SEEK_SET));
    tell(go[1]);
    printf("lockf waits: %s\n", answer(lockf(file, F_LOCK, 1)));
    printf("lockf64: %s\n", answer(lockf64(file, F_ULOCK, 1)));

    // The child holds 50 and wants 60, which is ours; we want 50.
    printf("60: %s\n", lock(F_SETLK, F_WRLCK, 60, 1));
    tell(go[1]);
    wait_for(told[0]);
    // It waits for us, or will; whoever comes second is told.
    const char *mine = lock(F_SETLKW, F_WRLCK, 50, 1);
    printf("deadlock: %s\n", mine);
    lock(F_SETLK, F_UNLCK, 60, 1);
    return NULL;
}

// Whether the kernel's list has a process that waits for a lock.
static int is_waiting(pid_t pid)
{
    char line[200], arrow[8];
    int found = 0, who;
    FILE *locks = fopen("/proc/locks", "r");
    while (locks && fgets(line, sizeof line, locks))
        found |= sscanf(line, "%*s %2s %*s %*s %*s %d", arrow, &who) == 2 && !strcmp(arrow, "->") && who == pid;
    if (locks)
        fclose(locks);
    return found;
}

static void child(void)
{
    lock(F_SETLKW, F_WRLCK, 10, 10);
    tell(told[1]);
    wait_for(go[0]);
    let_it_block();
    lock(F_SETLK, F_UNLCK, 10, 10);
    must(lseek(file, 40, SEEK_SET));
    must(lockf(file, F_LOCK, 2));
    tell(told[1]);
    wait_for(go[0]);
    let_it_block();
    must(lockf(file, F_ULOCK, 2));
    wait_for(go[0]);
    lock(F_SETLK, F_WRLCK, 50, 1);
    // Told by a process of its own, when this one is seen to wait.
    pid_t me = getpid(), watcher = must(fork());
    if (watcher == 0) {
        while (!is_waiting(me))
            usleep(500);
        tell(told[1]);
        _exit(0);
    }
    lock(F_SETLKW, F_WRLCK, 60, 1);
    must(waitpid(watcher, NULL, 0));
    _exit(0);
}

static void *asks(void *unused)
{
    int readable = must(open("file", O_RDONLY)), writable = must(open("file", O_WRONLY)), pipes[2];
    struct flock want = part(F_WRLCK, 0, 1), reading = part(F_RDLCK, 0, 1), odd = part(99, 0, 1), negative = part(F_WRLCK, -5, 1);
    must(pipe(pipes));
    SHOW(fcntl(readable, F_SETLKW, &want));
    SHOW(fcntl(writable, F_SETLKW, &reading));
    SHOW(fcntl(readable, F_SETLK, &reading));
    SHOW(fcntl(file, F_SETLK, &odd));
    SHOW(fcntl(file, F_SETLK, &negative));
    SHOW(fcntl(file, F_GETLK, &odd));
    SHOW(fcntl(9999, F_SETLKW, &want));
    SHOW(fcntl(pipes[1], F_SETLK, &want));
    SHOW(fcntl(file, F_SETLK, nowhere()));
    SHOW(lockf(readable, F_LOCK, 1));
    SHOW(lockf(file, 77, 1));
    SHOW(lockf(9999, F_LOCK, 1));
    // Locks of one process don't conflict, whatever thread or description asks.
    SHOW(fcntl(file, F_SETLK, &want));
    SHOW(fcntl(writable, F_SETLKW, &want));
    // And the close of any description of the file drops them all.
    close(writable);
    return unused;
}

int main(void)
{
    file = must(open("file", O_RDWR | O_CREAT, 0600));
    must(pipe(told));
    must(pipe(go));
    pid_t pid = must(fork());
    if (pid == 0)
        child();
    join(start(parent, box(pid)));
    must(waitpid(pid, NULL, 0));
    join(start(asks, NULL));
    return 0;
}
