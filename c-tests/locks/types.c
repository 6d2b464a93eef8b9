// Recursive and error-checking mutexes, and what trylock says of each type.
#include "fixture.h"

static pthread_mutex_t normal, recursive, checking, static_recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP,
                                                    static_checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

static void make(pthread_mutex_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_settype(&attributes, type));
    zero(pthread_mutex_init(mutex, &attributes));
    zero(pthread_mutexattr_destroy(&attributes));
}

static void *tries(void *mutex)
{
    int error = pthread_mutex_trylock(mutex);
    if (error == 0)
        zero(pthread_mutex_unlock(mutex));
    return box(error);
}

static void *unlocks(void *mutex)
{
    return box(pthread_mutex_unlock(mutex));
}

static const char *elsewhere(void *(*function)(void *), pthread_mutex_t *mutex)
{
    return error_name(unbox(join(start(function, mutex))));
}

static void use_recursive(const char *name, pthread_mutex_t *mutex)
{
    for (int i = 0; i < 3; i++) {
        zero(pthread_mutex_lock(mutex));
        usleep(500); // ownership survives a wait
    }
    printf("%s: trylock by the owner: %s\n", name, error_name(pthread_mutex_trylock(mutex)));
    printf("%s: trylock by another: %s\n", name, elsewhere(tries, mutex));
    printf("%s: unlock by another: %s\n", name, elsewhere(unlocks, mutex));
    for (int i = 0; i < 4; i++) {
        printf("%s: unlock %d: %s\n", name, i, error_name(pthread_mutex_unlock(mutex)));
        printf("%s: trylock by another: %s\n", name, elsewhere(tries, mutex));
    }
    printf("%s: one unlock too many: %s\n", name, error_name(pthread_mutex_unlock(mutex)));
}

static void use_checking(const char *name, pthread_mutex_t *mutex)
{
    struct timespec when = in_ms(CLOCK_REALTIME, 10000);
    printf("%s: unlock of a free one: %s\n", name, error_name(pthread_mutex_unlock(mutex)));
    zero(pthread_mutex_lock(mutex));
    usleep(500);
    printf("%s: lock again: %s\n", name, error_name(pthread_mutex_lock(mutex)));
    printf("%s: timedlock again: %s\n", name, error_name(pthread_mutex_timedlock(mutex, &when)));
    printf("%s: trylock by the owner: %s\n", name, error_name(pthread_mutex_trylock(mutex)));
    printf("%s: trylock by another: %s\n", name, elsewhere(tries, mutex));
    printf("%s: unlock by another: %s\n", name, elsewhere(unlocks, mutex));
    printf("%s: unlock: %s\n", name, error_name(pthread_mutex_unlock(mutex)));
    printf("%s: trylock by another: %s\n", name, elsewhere(tries, mutex));
}

static void *use_all(void *arg)
{
    printf("on %s\n", (char *)arg);
    use_recursive("recursive", &recursive);
    use_recursive("static recursive", &static_recursive);
    use_checking("checking", &checking);
    use_checking("static checking", &static_checking);
    zero(pthread_mutex_lock(&normal));
    printf("normal: trylock by the owner: %s\n", error_name(pthread_mutex_trylock(&normal)));
    printf("normal: trylock by another: %s\n", elsewhere(tries, &normal));
    zero(pthread_mutex_unlock(&normal));
    printf("normal: trylock by another: %s\n", elsewhere(tries, &normal));
    return NULL;
}

int main(void)
{
    make(&normal, PTHREAD_MUTEX_NORMAL);
    make(&recursive, PTHREAD_MUTEX_RECURSIVE);
    make(&checking, PTHREAD_MUTEX_ERRORCHECK);
    use_all("main");
    join(start(use_all, "a thread"));
    return 0;
}
