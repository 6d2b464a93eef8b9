// A thread among a thousand that wait forks; its child has threads too, and forks again, three deep. Nobody's waits are disturbed.
#include "fixture.h"
#include <sys/wait.h>

enum { MANY = 1000, DEPTH = 3 };

static struct gate gate = GATE_CLOSED;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int line[2], passed;

static void *waits(void *number)
{
    char byte;
    switch (unbox(number) % 3) {
    case 0:
        gate_wait(&gate);
        break;
    case 1:
        must(read(line[0], &byte, 1));
        break;
    default:
        pthread_mutex_lock(&lock);
        pthread_mutex_unlock(&lock);
    }
    __atomic_add_fetch(&passed, 1, __ATOMIC_RELAXED);
    return NULL;
}

static int with_threads(int count, int depth);

static void *forks(void *depth)
{
    int status;
    pid_t child = must(fork());
    if (child == 0) {
        // A world of its own.
        gate = (struct gate)GATE_CLOSED;
        pthread_mutex_init(&lock, NULL);
        passed = 0;
        close(line[0]);
        close(line[1]);
        _exit(with_threads(MANY / 10, unbox(depth) - 1));
    }
    must(waitpid(child, &status, 0));
    return box(WEXITSTATUS(status));
}

// How many levels went well.
static int with_threads(int count, int depth)
{
    static pthread_t threads[MANY];
    int levels = 0;
    must(pipe(line));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < count; i++)
        threads[i] = start_small(waits, box(i));
    let_it_block();
    if (depth > 0)
        levels = unbox(join(start(forks, box(depth))));
    int before = passed;
    gate_open(&gate);
    pthread_mutex_unlock(&lock);
    for (int i = 1; i < count; i += 3)
        write_all(line[1], "x", 1);
    for (int i = 0; i < count; i++)
        join(threads[i]);
    close(line[0]);
    close(line[1]);
    return before == 0 && passed == count ? levels + 1 : 50 + depth;
}

int main(void)
{
    printf("levels: %d\n", with_threads(MANY, DEPTH));
    return 0;
}
