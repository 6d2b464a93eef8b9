// needs: libuv1-dev
// link: -luv
// libuv's threads and what they wait with: mutex, rwlock, semaphore, condition with and without a time limit, barrier, once, keys.
#include "uv.h"

enum { THREADS = 6, ROUNDS = 300 };

static uv_mutex_t lock;
static uv_rwlock_t rwlock;
static uv_sem_t semaphore, results;
static uv_cond_t condition;
static uv_barrier_t barrier;
static uv_once_t once = UV_ONCE_INIT;
static uv_key_t key;
static long counter, written, onces, serial;
static int stage;

static void first(void)
{
    onces++;
}

static void work(void *number)
{
    uv_key_set(&key, number);
    uv_once(&once, first);
    for (int i = 0; i < ROUNDS; i++) {
        uv_mutex_lock(&lock);
        counter++;
        uv_mutex_unlock(&lock);
        if (i % 10 == 0) {
            uv_rwlock_wrlock(&rwlock);
            written++;
            uv_rwlock_wrunlock(&rwlock);
        } else {
            uv_rwlock_rdlock(&rwlock);
            uv_rwlock_rdunlock(&rwlock);
        }
    }
    if (uv_barrier_wait(&barrier) > 0) {
        uv_mutex_lock(&lock);
        serial++;
        uv_mutex_unlock(&lock);
    }
    uv_sem_wait(&semaphore);
    uv_mutex_lock(&lock);
    while (stage == 0)
        uv_cond_wait(&condition, &lock);
    counter += uv_key_get(&key) == number;
    uv_mutex_unlock(&lock);
    uv_sem_post(&results);
}

static void times_out(void *unused)
{
    (void)unused;
    uint64_t begin = uv_hrtime();
    uv_mutex_lock(&lock);
    int result = 0;
    while (result == 0)
        result = uv_cond_timedwait(&condition, &lock, 20000000);
    uv_mutex_unlock(&lock);
    printf("time limit: %s, early: %s\n", uv_err_name(result), yes(uv_hrtime() - begin < 19000000));
}

int main(void)
{
    uv_thread_t threads[THREADS], other;
    fine(uv_mutex_init(&lock));
    fine(uv_rwlock_init(&rwlock));
    fine(uv_sem_init(&semaphore, 0));
    fine(uv_sem_init(&results, 0));
    fine(uv_cond_init(&condition));
    fine(uv_barrier_init(&barrier, THREADS + 1));
    fine(uv_key_create(&key));
    for (long i = 0; i < THREADS; i++)
        fine(uv_thread_create(&threads[i], work, box(i + 1)));
    if (uv_barrier_wait(&barrier) > 0) {
        uv_mutex_lock(&lock);
        serial++;
        uv_mutex_unlock(&lock);
    }
    printf("nothing for us: %s\n", uv_answer(uv_sem_trywait(&results)));
    for (int i = 0; i < THREADS; i++)
        uv_sem_post(&semaphore);
    uv_mutex_lock(&lock);
    stage = 1;
    uv_cond_broadcast(&condition);
    uv_mutex_unlock(&lock);
    for (int i = 0; i < THREADS; i++)
        uv_sem_wait(&results);
    for (int i = 0; i < THREADS; i++)
        fine(uv_thread_join(&threads[i]));
    printf("counter %ld, written %ld, once %ld, serial %ld\n", counter, written, onces, serial);
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = 256 * 1024};
    fine(uv_thread_create_ex(&other, &options, times_out, NULL));
    fine(uv_thread_join(&other));
    printf("locked already: ");
    uv_mutex_lock(&lock);
    printf("%s, ", uv_answer(uv_mutex_trylock(&lock)));
    uv_mutex_unlock(&lock);
    uv_rwlock_wrlock(&rwlock);
    printf("%s\n", uv_answer(uv_rwlock_tryrdlock(&rwlock)));
    uv_rwlock_wrunlock(&rwlock);
    uv_barrier_destroy(&barrier), uv_cond_destroy(&condition), uv_sem_destroy(&semaphore), uv_sem_destroy(&results);
    uv_rwlock_destroy(&rwlock), uv_mutex_destroy(&lock), uv_key_delete(&key);
    return 0;
}
