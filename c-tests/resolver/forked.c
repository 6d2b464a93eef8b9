// link: -lresolv
// A child of fork looks up a name on threads of its own while its parent's threads wait for answers.
#include "server.h"
#include <sys/wait.h>

static void *finds(void *arg)
{
    unsigned char answer[512];
    ask_server(unbox(arg));
    char name[20];
    snprintf(name, sizeof name, "h%ld.test", unbox(arg));
    int n = res_query(name, ns_c_in, ns_t_a, answer, sizeof answer);
    return box(n > 0 ? answer[n - 1] : -1);
}

static long find_all(int first, int n)
{
    pthread_t threads[n];
    long right = 0;
    for (int i = 0; i < n; i++)
        threads[i] = start_small(finds, box(first + i));
    for (int i = 0; i < n; i++)
        right += unbox(join(threads[i])) == first + i;
    return right;
}

static void *forks(void *unused)
{
    int status;
    pid_t child = must(fork());
    if (child == 0)
        _exit(find_all(100, 20) + (finds(box(5)) == box(5)));
    must(waitpid(child, &status, 0));
    printf("child: %d\n", WEXITSTATUS(status));
    return unused;
}

int main(void)
{
    start_server(100);
    pthread_t threads[150];
    long right = 0;
    for (long i = 0; i < 150; i++)
        threads[i] = start_small(finds, box(i));
    let_it_block();
    join(start(forks, NULL));
    for (int i = 0; i < 150; i++)
        right += unbox(join(threads[i])) == i;
    printf("parent: %ld\n", right);
    stop_server();
    return 0;
}
