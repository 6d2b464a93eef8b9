// pthread keys: values per thread, destructors in up to four rounds, more keys than fit in the thread itself, deletion.
#include "fixture.h"

enum { MANY = 100 };
static pthread_key_t many[MANY], again, plain, dead;
static int destroyed, rounds, wrong;

static void count(void *value)
{
    destroyed += unbox(value) > 0;
}

// Sets its key anew each time: glibc gives up after PTHREAD_DESTRUCTOR_ITERATIONS (4) rounds.
static void set_again(void *value)
{
    printf("  round %d, value %ld, key reads %s\n", ++rounds, unbox(value), yes(pthread_getspecific(again) != NULL));
    usleep(1000); // destructors may wait
    zero(pthread_setspecific(again, box(unbox(value) + 1)));
}

static void never(void *value)
{
    printf("not reached %ld\n", unbox(value));
}

static void *sets_all(void *arg)
{
    for (int i = 0; i < MANY; i++) {
        wrong += pthread_getspecific(many[i]) != NULL;
        zero(pthread_setspecific(many[i], box(i + unbox(arg))));
    }
    usleep(1000);
    for (int i = 0; i < MANY; i++)
        wrong += unbox(pthread_getspecific(many[i])) != i + unbox(arg);
    return NULL;
}

static void *sets_again(void *arg)
{
    zero(pthread_setspecific(again, box(1)));
    zero(pthread_setspecific(plain, box(1))); // no destructor
    pthread_exit(arg);
}

static void *sets_then_deletes(void *arg)
{
    zero(pthread_setspecific(dead, box(1)));
    zero(pthread_key_delete(dead));
    printf("  set after delete: %s\n", error_name(pthread_setspecific(dead, box(2))));
    return arg;
}

static void *sees_nothing(void *arg)
{
    long set = 0;
    (void)arg;
    for (int i = 0; i < MANY; i++)
        set += pthread_getspecific(many[i]) != NULL;
    set += pthread_getspecific(again) != NULL;
    set += pthread_getspecific(plain) != NULL;
    return box(set);
}

int main(void)
{
    for (int i = 0; i < MANY; i++)
        zero(pthread_key_create(&many[i], count));
    zero(pthread_key_create(&again, set_again));
    zero(pthread_key_create(&plain, NULL));
    zero(pthread_key_create(&dead, never));

    for (long i = 1; i <= 10; i++)
        join(start(sets_all, box(i)));
    printf("many keys: %d destroyed, %d wrong\n", destroyed, wrong);
    printf("a destructor that sets its key:\n");
    join(start(sets_again, NULL));
    printf("a deleted key:\n");
    join(start(sets_then_deletes, NULL));
    zero(pthread_setspecific(many[0], box(5))); // main's values are not seen by others
    printf("set at the start of a thread: %ld\n", unbox(join(start(sees_nothing, NULL))));
    printf("main's own: %ld\n", unbox(pthread_getspecific(many[0])));
    printf("a key that never was: %s\n", error_name(pthread_setspecific(1023, box(1))));
    for (int i = 0; i < MANY; i++)
        zero(pthread_key_delete(many[i]));
    printf("deleted twice: %s\n", error_name(pthread_key_delete(many[0])));
    return 0;
}
