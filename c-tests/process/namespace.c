// Processes that accept on one socket, one of them the first of a PID namespace of its own, if that may be had (else just a child): no
// accept ends for nothing, and each connection comes out of one.
#define _GNU_SOURCE
#include "../fixture.h"
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { CONNECTIONS = 300, THREADS = 3 };

struct counts {
    int accepted, failed, over;
};

static struct counts *counts;
static int listener;

static void *accepts(void *unused)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        __atomic_add_fetch(fd >= 0 ? &counts->accepted : &counts->failed, 1, __ATOMIC_SEQ_CST);
        if (fd >= 0)
            close(fd);
    }
    return unused;
}

static void accept_all(void)
{
    for (int i = 0; i < THREADS; i++)
        start(accepts, NULL);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    listener = must(socket(AF_INET, SOCK_STREAM, 0));
    must(bind(listener, (struct sockaddr *)&address, sizeof address));
    must(listen(listener, CONNECTIONS));
    must(getsockname(listener, (struct sockaddr *)&address, &length));
    // By another one, since who has done that gets no more threads.
    pid_t child = must(fork());
    if (child == 0) {
        (void)!unshare(CLONE_NEWPID);
        if (must(fork()) == 0) {
            accept_all();
            while (!__atomic_load_n(&counts->over, __ATOMIC_SEQ_CST))
                usleep(1000);
        }
        _exit(0);
    }
    must(waitpid(child, NULL, 0));
    accept_all();
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = must(socket(AF_INET, SOCK_STREAM, 0));
        must(connect(fd, (struct sockaddr *)&address, sizeof address));
        close(fd);
    }
    while (__atomic_load_n(&counts->accepted, __ATOMIC_SEQ_CST) < CONNECTIONS)
        usleep(1000);
    __atomic_store_n(&counts->over, 1, __ATOMIC_SEQ_CST);
    printf("accepted: %d, failed: %d\n", counts->accepted, counts->failed);
    return 0;
}
