// More keys than the first level of glibc's table holds (32), and their deletion.
#include "fixture.h"

enum { KEYS = 200 };
static pthread_key_t keys[KEYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long destroyed;

static void destroy(void *value)
{
    pthread_mutex_lock(&lock);
    destroyed += unbox(value);
    pthread_mutex_unlock(&lock);
}

static void *sets_all(void *arg)
{
    long right = 0;
    for (int i = 0; i < KEYS; i++)
        right += pthread_getspecific(keys[i]) == NULL;
    for (long i = 0; i < KEYS; i++)
        zero(pthread_setspecific(keys[i], box(i + 1)));
    usleep(500);
    for (long i = 0; i < KEYS; i++)
        right += unbox(pthread_getspecific(keys[i])) == i + 1;
    return box(right + unbox(arg));
}

static void *sets_then_deleted(void *gates)
{
    zero(pthread_setspecific(keys[3], box(1000)));
    zero(pthread_setspecific(keys[150], box(1000)));
    gate_open((struct gate *)gates);
    gate_wait((struct gate *)gates + 1);
    return NULL; // their destructors are gone
}

int main(void)
{
    struct gate gates[2] = {GATE_CLOSED, GATE_CLOSED};
    pthread_t threads[10];
    long right = 0;

    for (int i = 0; i < KEYS; i++)
        zero(pthread_key_create(&keys[i], destroy));
    for (int i = 0; i < 10; i++)
        threads[i] = start(sets_all, box(0));
    for (int i = 0; i < 10; i++)
        right += unbox(join(threads[i]));
    printf("right: %ld of %d\n", right, 10 * 2 * KEYS);
    printf("destroyed: %ld\n", destroyed);

    destroyed = 0;
    threads[0] = start(sets_then_deleted, gates);
    gate_wait(&gates[0]);
    zero(pthread_key_delete(keys[3]));
    zero(pthread_key_delete(keys[150]));
    gate_open(&gates[1]);
    join(threads[0]);
    printf("destroyed after deletion: %ld\n", destroyed);
    printf("delete again: %s\n", error_name(pthread_key_delete(keys[3])));
    printf("set a deleted key: %s\n", error_name(pthread_setspecific(keys[3], box(1))));
    printf("get a deleted key: %s\n", yes(pthread_getspecific(keys[150]) != NULL));

    // A new key in the old place starts empty, everywhere.
    zero(pthread_key_create(&keys[3], destroy));
    printf("a new key is null: %s\n", yes(pthread_getspecific(keys[3]) == NULL));
    zero(pthread_key_create(&keys[150], destroy));
    printf("right again: %ld\n", unbox(join(start(sets_all, box(0)))));
    printf("destroyed: %ld\n", destroyed);
    return 0;
}
