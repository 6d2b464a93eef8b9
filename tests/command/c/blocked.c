// Waits that no hook of libgreen's ends: in the kernel, on a kernel thread; for a child; for one of several descriptors; and no wait at all.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2], other[2], last[2];

static void *locker(void *file)
{
    pthread_setname_np(pthread_self(), "locker");
    flock(open(file, O_RDONLY), LOCK_EX);
    return NULL;
}

static void *reader(void *unused)
{
    char byte;
    long r;
    pthread_setname_np(pthread_self(), "reader");
    __asm__ volatile("syscall" : "=a"(r) : "0"(0L), "D"((long)ends[0]), "S"(&byte), "d"(1L) : "rcx", "r11", "memory");
    return unused;
}

static void *parent(void *unused)
{
    pthread_setname_np(pthread_self(), "parent");
    // It reads until this process is gone.
    pid_t child = fork();
    if (child == 0) {
        dup2(last[0], 0);
        close(last[1]);
        execl("/bin/cat", "cat", NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
    return unused;
}

static void *poller(void *unused)
{
    struct pollfd both[] = {{ends[0], POLLIN, 0}, {-1, POLLIN, 0}, {other[0], POLLIN, 0}};
    pthread_setname_np(pthread_self(), "poller");
    poll(both, 3, -1);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    (void)argc;
    if (pipe(ends) || pipe(other) || pipe(last))
        return 1;
    flock(open(argv[0], O_RDONLY), LOCK_EX);
    pthread_create(&threads[0], NULL, locker, argv[0]);
    pthread_create(&threads[1], NULL, reader, NULL);
    pthread_create(&threads[2], NULL, parent, NULL);
    pthread_create(&threads[3], NULL, poller, NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
