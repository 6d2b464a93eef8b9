// signal: SIGABRT
// green: lost
// abort on a thread: a handler of SIGABRT runs there, even if it's blocked; when it returns the process dies of it all the same.
#include "signals.h"

static pthread_t aborting;

static void handler(int number)
{
    const char *text = pthread_equal(pthread_self(), aborting) ? "handled here\n" : "handled elsewhere\n";
    (void)number;
    must(write(STDOUT_FILENO, text, strlen(text)));
}

static void *aborts(void *unused)
{
    aborting = pthread_self();
    block(SIGABRT);
    usleep(1000);
    abort();
    return unused;
}

int main(void)
{
    signal(SIGABRT, handler);
    join(start(aborts, NULL));
    printf("not reached\n");
    return 0;
}
