// An epoll set made before a fork is one set for both: the child waits in it with threads of its own, and the parent goes on. Sets of
// the child's own don't touch the parent.
#include "../fixture.h"
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

static sem_t begun;

static void add(int set, int fd, unsigned events, uint64_t data)
{
    struct epoll_event wish = {.events = events, .data.u64 = data};
    must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &wish));
}

static void *waits(void *set)
{
    struct epoll_event event;
    must(sem_post(&begun));
    must(epoll_wait(unbox(set), &event, 1, -1));
    return box(event.data.u64);
}

static pthread_t waiter(int set)
{
    pthread_t thread = start(waits, box(set));
    must(sem_wait(&begun));
    return thread;
}

// With what is told in the pipes: what the parent says, and what it's answered.
static void child(int set, int told, int answers)
{
    char step;
    int own = must(epoll_create1(0)), event = must(eventfd(0, 0));
    read_all(told, &step, 1);
    // The parent's thread isn't here; one of this process's own waits in the shared set.
    pthread_t thread = waiter(set);
    write_all(answers, "1", 1);
    dprintf(answers, "%ld", unbox(join(thread)));
    add(own, event, EPOLLIN, 77);
    thread = waiter(own);
    let_it_block();
    must(write(event, &(uint64_t){1}, 8));
    dprintf(answers, "(%ld)", unbox(join(thread)));
    // Into the shared set goes a file of the child's: the parent hears of it.
    add(set, event, EPOLLIN, 5);
    read_all(told, &step, 1);
    exit(0);
}

static void *user(void *unused)
{
    (void)unused;
    int set = must(epoll_create1(0)), event = must(eventfd(0, 0)), told[2], answers[2], quiet[2], status;
    char text[16] = "";
    must(pipe(told));
    must(pipe(answers));
    must(pipe(quiet));
    add(set, event, EPOLLIN, 1);
    int other = must(epoll_create1(0));
    add(other, quiet[0], EPOLLIN, 9);
    // A thread that waits while the process forks, and goes on afterwards.
    pthread_t thread = waiter(other);
    fflush(stdout);
    pid_t id = must(fork());
    if (id == 0)
        child(set, told[0], answers[1]);
    must(write(told[1], "1", 1));
    read_all(answers[0], text, 1);
    must(write(event, &(uint64_t){1}, 8));
    read_all(answers[0], text + 1, 5);
    printf("child: %s\n", text);
    must(read(event, &(uint64_t){0}, 8));
    printf("the child's file, in the parent: %ld\n", unbox(join(waiter(set))));
    must(write(told[1], "2", 1));
    must(waitpid(id, &status, 0));
    printf("child ended: %d\n", status);
    // Its file is gone with it.
    struct epoll_event events[2];
    printf("left: %s\n", answer(epoll_wait(set, events, 2, 0)));
    must(write(quiet[1], "x", 1));
    printf("waited meanwhile: %ld\n", unbox(join(thread)));
    return NULL;
}

int main(void)
{
    must(sem_init(&begun, 0, 0));
    join(start(user, NULL));
    return 0;
}
