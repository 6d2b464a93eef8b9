// main leaves by pthread_exit: the others go on, and the last one out ends the process with status 0.
#include "fixture.h"

static pthread_t main_thread;

static void *worker(void *arg)
{
    void *value;
    int error = pthread_join(main_thread, &value);
    printf("main joined: %s %ld\n", error_name(error), unbox(value));
    usleep(10 * 1000);
    printf("worker goes on\n");
    return arg;
}

static void at_exit(void)
{
    printf("atexit\n");
}

static void cleanup(void *text)
{
    printf("%s\n", (char *)text);
}

int main(void)
{
    main_thread = pthread_self();
    atexit(at_exit);
    pthread_cleanup_push(cleanup, "main's handler");
    start(worker, NULL);
    pthread_exit(box(17));
    pthread_cleanup_pop(0);
    return 5; // not reached
}
