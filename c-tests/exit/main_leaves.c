// main leaves by pthread_exit: the process lives as long as its threads, and the last one's end is exit(0), with handlers and buffers; or what the
// threads make of it.
#include "load.h"

static pthread_key_t key;

static void at_exit(void) { printf("at_exit\n"); }
static void destroys(void *value) { printf("destroys %s\n", (char *)value); }

static void *works(void *number)
{
    usleep(unbox(number) * 1000);
    printf("thread\n");
    return NULL;
}

static void last_returns(void)
{
    atexit(at_exit);
    for (int i = 0; i < 5; i++)
        start(works, box(i));
    pthread_exit(box(3));
}

static void *works_and_leaves(void *main_thread)
{
    void *value;
    zero(pthread_join((pthread_t)main_thread, &value));
    printf("main gave %ld\n", unbox(value));
    pthread_setspecific(key, "a thread's");
    pthread_exit(box(9));
}

static void last_leaves(void)
{
    atexit(at_exit);
    zero(pthread_key_create(&key, destroys));
    pthread_setspecific(key, "main's");
    start(works_and_leaves, (void *)pthread_self());
    pthread_exit(box(4));
}

static void *exits(void *main_thread)
{
    zero(pthread_join((pthread_t)main_thread, NULL));
    printf("exits\n");
    exit(7);
}

static void last_exits(void)
{
    atexit(at_exit);
    start(exits, (void *)pthread_self());
    pthread_exit(NULL);
}

static void alone(void)
{
    atexit(at_exit);
    printf("no threads\n");
    pthread_exit(box(5));
}

static void *forks(void *main_thread)
{
    int status;
    zero(pthread_join((pthread_t)main_thread, NULL));
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        printf("child\n");
        start(works, box(1));
        pthread_exit(NULL);
    }
    must(waitpid(child, &status, 0));
    tell_status(status);
    return NULL;
}

static void in_a_child(void)
{
    start(forks, (void *)pthread_self());
    pthread_exit(NULL);
}

int main(int argc, char **argv)
{
    static const struct way ways[] = {
        {"last returns", last_returns}, {"last leaves", last_leaves}, {"last exits", last_exits}, {"alone", alone}, {"in a child", in_a_child},
    };
    return RUN_WAYS(argc, argv, ways);
}
