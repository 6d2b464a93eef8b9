// What a pthread_atfork handler closes in the child stays with the parent: its threads wait on those files before and after, and are
// woken. (libuv closes its pipes so.)
#include "../fixture.h"
#include <semaphore.h>
#include <sys/wait.h>

enum { FILES = 4, ROUNDS = 20 };

static int ends[FILES][2];
static sem_t done;

static void in_child(void)
{
    // As libuv does: closed, and made anew under the same numbers.
    for (int i = 0; i < FILES; i++)
        close(ends[i][0]), close(ends[i][1]);
    for (int i = 0; i < FILES; i++)
        if (i % 2 ? pipe(ends[i]) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]))
            _exit(90);
}

static void *reads(void *which)
{
    char byte;
    long count = 0;
    while (read(ends[unbox(which)][0], &byte, 1) == 1) {
        count++;
        must(sem_post(&done));
    }
    return box(count);
}

static void *forks(void *kind)
{
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int status;
        pid_t child = must(fork());
        if (child == 0) {
            // The child's own, with its own thread.
            char byte = '?';
            if (unbox(kind)) {
                pthread_t thread = start(reads, box(i % FILES));
                must(write(ends[i % FILES][1], "c", 1));
                must(sem_wait(&done));
                close(ends[i % FILES][1]);
                _exit(unbox(join(thread)) == 1 ? 1 : 91);
            }
            must(write(ends[i % FILES][1], "c", 1));
            _exit(read(ends[i % FILES][0], &byte, 1) == 1 && byte == 'c' ? 1 : 92);
        }
        // While it lives, and afterwards.
        must(write(ends[i % FILES][1], "p", 1));
        must(sem_wait(&done));
        must(waitpid(child, &status, 0));
        sum += WEXITSTATUS(status);
        must(write(ends[(i + 1) % FILES][1], "p", 1));
        must(sem_wait(&done));
    }
    return box(sum);
}

int main(void)
{
    pthread_t readers[FILES];
    must(sem_init(&done, 0, 0));
    zero(pthread_atfork(NULL, NULL, in_child));
    for (int i = 0; i < FILES; i++) {
        if (i % 2)
            stream_pair(ends[i]);
        else
            must(pipe(ends[i]));
        readers[i] = start(reads, box(i));
    }
    let_it_block();
    printf("from a thread: %ld\n", unbox(join(start(forks, box(0)))));
    printf("children with threads: %ld\n", unbox(join(start(forks, box(1)))));
    printf("from main: %ld\n", unbox(forks(box(0))));
    long count = 0;
    for (int i = 0; i < FILES; i++) {
        close(ends[i][1]);
        count += unbox(join(readers[i]));
    }
    printf("read %ld\n", count);
    return 0;
}
