// Handlers for fork run in order, on the thread that forks: its thread-local values, its id, its mutexes; those before it may wait; those in the child
// may make threads; those of a library that was closed don't run.
#include "fixture.h"
#include <dlfcn.h>
#include <sys/wait.h>

static __thread int mine = 1;
static __thread pthread_t forker;
static pthread_key_t key;
static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, checked;
static int line[2];
static int quiet;

// What the parent's handlers say is printed when the child has ended.
static __thread char text[1000];

static void says(const char *what)
{
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "  %s: mine %d, key %ld, self: %s\n", what, mine, unbox(pthread_getspecific(key)),
        yes(pthread_equal(pthread_self(), forker)));
}

static void say_it(void)
{
    if (!quiet)
        printf("%s", text);
    text[0] = '\0';
}

static void before_1(void)
{
    says("before 1");
    zero(pthread_mutex_lock(&plain));
    zero(pthread_mutex_lock(&checked));
}

static void in_parent_1(void)
{
    says("in parent 1");
    zero(pthread_mutex_unlock(&checked));
    zero(pthread_mutex_unlock(&plain));
}

static void *adds(void *number)
{
    pthread_mutex_lock(&plain);
    pthread_mutex_unlock(&plain);
    return box(unbox(number) + 1);
}

static void in_child_1(void)
{
    says("in child 1");
    say_it();
    zero(pthread_mutex_unlock(&plain));
    zero(pthread_mutex_init(&checked, NULL));
    mine++;
}

static void before_2(void)
{
    char byte;
    says("before 2");
    // Waits for another thread.
    must(read(line[0], &byte, 1));
}

static void in_parent_2(void)
{
    says("in parent 2");
}

static void in_child_2(void)
{
    long sum = unbox(join(start(adds, box(1)))) + unbox(join(start(adds, box(2))));
    if (!quiet)
        printf("  in child 2: threads: %ld\n", sum);
}

static void *writes(void *unused)
{
    usleep(5000);
    write_all(line[1], "x", 1);
    return unused;
}

static void *forks(void *number)
{
    int status;
    mine = unbox(number);
    forker = pthread_self();
    pthread_setspecific(key, box(unbox(number) * 10));
    pthread_t writer = start(writes, NULL);
    pid_t child = must(fork());
    if (child == 0) {
        if (!quiet)
            printf("  child: mine %d\n", mine);
        // In the child of the child, too.
        write_all(line[1], "y", 1);
        pid_t grandchild = must(fork());
        if (grandchild == 0)
            exit(mine);
        must(waitpid(grandchild, &status, 0));
        say_it();
        exit(WEXITSTATUS(status));
    }
    must(waitpid(child, &status, 0));
    say_it();
    join(writer);
    if (!quiet)
        printf("  status %d\n", WEXITSTATUS(status));
    return box(WEXITSTATUS(status) == unbox(number) + 2);
}

int main(void)
{
    pthread_mutexattr_t attributes;
    char path[4096];
    pthread_t threads[10];
    long good = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    must(pipe(line));
    zero(pthread_key_create(&key, NULL));
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
    zero(pthread_mutex_init(&checked, &attributes));
    zero(pthread_atfork(before_1, in_parent_1, in_child_1));
    zero(pthread_atfork(before_2, in_parent_2, in_child_2));
    snprintf(path, sizeof path, "%s/libforks.so", getenv("TWIN_LIB_DIR"));
    void *library = dlopen(path, RTLD_NOW);
    if (!library)
        die(dlerror());
    printf("a thread\n");
    join(start(forks, box(20)));
    printf("main\n");
    forks(box(30));
    printf("in the parent: %d\n", *(int *)dlsym(library, "forks_in_parent"));
    dlclose(library);
    printf("the library is closed\n");
    join(start(forks, box(40)));
    quiet = 1;
    for (int i = 0; i < 10; i++)
        threads[i] = start(forks, box(50 + i));
    for (int i = 0; i < 10; i++)
        good += unbox(join(threads[i]));
    printf("at once: %ld\n", good);
    return 0;
}
