// Of flock: threads with descriptions of their own and another process exclude each other; shared ones go together; others go on.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/wait.h>

enum { THREADS = 6, ROUNDS = 15 };
static int ready[2], go[2], counter;
static atomic_int inside, steps, most;

static void *works(void *unused)
{
    int fd = must(open("lock", O_RDWR)), bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        must(flock(fd, LOCK_EX));
        bad += inside++ != 0;
        int seen = counter;
        usleep(200);
        counter = seen + 1;
        inside--;
        must(flock(fd, LOCK_UN));
    }
    close(fd);
    (void)unused;
    return box(bad);
}

static void *waits(void *unused)
{
    int fd = must(open("lock", O_RDWR));
    must(write(ready[1], "x", 1));
    SHOW(flock(fd, LOCK_EX));
    close(fd);
    return unused;
}

static void *shares(void *gate)
{
    int fd = must(open("lock", O_RDONLY));
    must(flock(fd, LOCK_SH));
    int now = ++inside;
    if (now > most)
        most = now;
    must(write(ready[1], "x", 1));
    gate_wait(gate);
    inside--;
    close(fd);
    return NULL;
}

static void *asks(void *unused)
{
    int one = must(open("lock", O_RDWR)), two = must(open("lock", O_RDWR)), same = must(dup(one)), pipes[2];
    must(pipe(pipes));
    SHOW(flock(one, LOCK_EX));
    SHOW(flock(one, LOCK_EX));
    SHOW(flock(same, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_SH | LOCK_NB));
    SHOW(flock(one, LOCK_SH));
    SHOW(flock(two, LOCK_SH | LOCK_NB));
    SHOW(flock(one, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_UN));
    close(one);
    SHOW(flock(two, LOCK_EX | LOCK_NB));
    close(same);
    SHOW(flock(two, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_UN));
    SHOW(flock(two, 0));
    SHOW(flock(two, LOCK_SH | LOCK_EX));
    SHOW(flock(9999, LOCK_EX));
    SHOW(flock(-1, LOCK_UN));
    SHOW(flock(pipes[0], LOCK_EX));
    SHOW(flock(pipes[1], LOCK_UN));
    return unused;
}

static void *steps_on(void *unused)
{
    for (int i = 0; i < 50; i++, steps++)
        sched_yield();
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    struct gate gate = GATE_CLOSED;
    char byte;
    long bad = 0;
    close(must(open("lock", O_RDWR | O_CREAT, 0600)));
    must(pipe(ready));
    must(pipe(go));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(works, NULL);
    for (int i = 0; i < THREADS; i++)
        bad += unbox(join(threads[i]));
    printf("counted %d, together %ld\n", counter, bad);
    for (int i = 0; i < 3; i++)
        threads[i] = start(shares, &gate);
    for (int i = 0; i < 3; i++)
        must(read(ready[0], &byte, 1));
    printf("sharing: %d\n", most);
    gate_open(&gate);
    for (int i = 0; i < 3; i++)
        join(threads[i]);
    join(start(asks, NULL));

    pid_t child = must(fork());
    if (child == 0) {
        int fd = must(open("lock", O_RDWR));
        must(flock(fd, LOCK_EX));
        must(write(ready[1], "c", 1));
        must(read(go[0], &byte, 1));
        _exit(0); // which unlocks
    }
    must(read(ready[0], &byte, 1));
    threads[0] = start(waits, NULL);
    must(read(ready[0], &byte, 1));
    threads[1] = start(steps_on, NULL);
    join(threads[1]);
    printf("the others go on meanwhile: %d steps\n", steps);
    int fd = must(open("lock", O_RDWR));
    printf("a try: %s\n", answer(flock(fd, LOCK_EX | LOCK_NB)));
    must(write(go[1], "x", 1));
    join(threads[0]);
    must(waitpid(child, NULL, 0));
    return 0;
}
