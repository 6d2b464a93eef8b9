// What /proc/self/fd lists below 190 is what the program opened, before it has threads, while they wait, and when they are gone; the
// same in a child and after an exec. (The library keeps its own above, even where there are only 256.)
#include "../fixture.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/wait.h>

enum { MOST = 190 };

static void list(const char *what)
{
    char name[300], target[300], open_ones[MOST] = {0};
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd >= MOST || fd == dirfd(folder))
            continue;
        open_ones[fd] = 1;
    }
    closedir(folder);
    printf("%s:", what);
    for (int fd = 3; fd < MOST; fd++)
        if (open_ones[fd]) {
            snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
            ssize_t n = must(readlink(name, target, sizeof target - 1));
            target[n] = 0;
            // Without the numbers of pipes and sockets.
            target[strcspn(target, "[")] = 0;
            printf(" %d=%s", fd, target);
        }
    printf("\n");
}

static void *reads(void *fd)
{
    char byte;
    return box(read(unbox(fd), &byte, 1));
}

static void *polls(void *fd)
{
    struct pollfd p = {unbox(fd), POLLIN, 0};
    return box(poll(&p, 1, -1));
}

static void *lists(void *what)
{
    list(what);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        list("after exec");
        join(start(lists, "and in a thread"));
        return 0;
    }
    closefrom(3);
    list("at first");
    int ends[2], pair[2], status;
    char byte;
    must(pipe(ends));
    stream_pair(pair);
    pthread_t one = start(reads, box(ends[0])), two = start(polls, box(pair[0]));
    let_it_block();
    list("two threads wait");
    join(start(lists, "in a thread"));
    int set = must(epoll_create1(EPOLL_CLOEXEC));
    list("a set");
    close(set);
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        list("child");
        join(start(lists, "in the child's thread"));
        fflush(stdout);
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        execl(argv[0], argv[0], "again", (char *)NULL);
        _exit(127);
    }
    must(waitpid(child, &status, 0));
    printf("child ended: %d\n", status);
    must(write(ends[1], "x", 1));
    must(write(pair[1], "x", 1));
    join(one), join(two);
    must(read(pair[0], &byte, 1));
    close(ends[0]), close(ends[1]), close(pair[0]), close(pair[1]);
    list("all closed");
    return 0;
}
