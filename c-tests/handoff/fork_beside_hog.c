// A thread forks five times while two others compute; each child prints, computes a little itself and leaves by _exit.
#include "hog.h"
#include <sys/wait.h>

enum { HOGS = 2, CHILDREN = 5 };
static atomic_int stop;

static void *hog(void *unused)
{
    (void)unused;
    return box(hog_until(&stop) != 0);
}

static void *forker(void *unused)
{
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        pid_t child = must(fork());
        if (child == 0) {
            printf("child %d computed: %s\n", i, yes(hog_ms(3) != 0));
            fflush(stdout);
            _exit(10 + i);
        }
        must(waitpid(child, &status, 0));
        printf("its status: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        fflush(stdout);
    }
    return unused;
}

int main(void)
{
    pthread_t hogs[HOGS];
    for (int i = 0; i < HOGS; i++)
        hogs[i] = start(hog, NULL);
    join(start(forker, NULL));
    stop = 1;
    for (int i = 0; i < HOGS; i++)
        printf("hog: %ld\n", unbox(join(hogs[i])));
    return 0;
}
