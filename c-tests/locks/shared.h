// Memory and children, for locks that processes share.
#include "fixture.h"
#include <sys/mman.h>
#include <sys/wait.h>

static inline void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    return memory;
}

// Runs a function in this process and in a child, which have no threads yet: each is told which of the two it is. They begin
// together; returns here when both are done.
static inline void in_two_processes(void (*run)(long process))
{
    int status, ends[2];
    char byte;
    stream_pair(ends);
    pid_t child = must(fork());
    if (child == 0) {
        must(write(ends[1], "", 1));
        must(read(ends[1], &byte, 1));
        run(1);
        exit(0);
    }
    must(write(ends[0], "", 1));
    must(read(ends[0], &byte, 1));
    run(0);
    must(waitpid(child, &status, 0));
    printf("the other ended: %d\n", status);
}

// Runs so many threads, and waits for them; each gets a number that no other has in either process.
static inline void run_threads(long process, int number, void *(*function)(void *))
{
    pthread_t threads[number];
    for (int i = 0; i < number; i++)
        threads[i] = start(function, box(process * number + i));
    for (int i = 0; i < number; i++)
        join(threads[i]);
}
