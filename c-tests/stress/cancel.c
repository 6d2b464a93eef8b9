// Threads are cancelled while they wait for a condition, a semaphore, a pipe, the time, or another thread, or before they do, amid others
// that use the same condition and the same semaphore. Cleanup handlers find the mutex held, and take another one.
#include "crowd.h"
#include <semaphore.h>

enum { ROUNDS = 10, EACH_KIND = 40, WORKERS = 20, STEPS = 500 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, tally = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static struct guarded guarded;
static sem_t semaphore;
static int ends[2];
static pthread_t outliving[EACH_KIND];
static __thread long mine; // which of them this thread joins
static long tokens, cleaned, not_held, came_back;

// Some cleanup handlers wait for a mutex.
static void add_up(void *counter)
{
    zero(pthread_mutex_lock(&tally));
    ++*(long *)counter;
    if (*(long *)counter % 10 == 0)
        sched_yield();
    zero(pthread_mutex_unlock(&tally));
}

static void let_go(void *unused)
{
    (void)unused;
    if (pthread_mutex_trylock(&lock) != EBUSY)
        count(&not_held);
    visit(&guarded, 0);
    zero(pthread_mutex_unlock(&lock));
}

static void waits_for_condition(void)
{
    zero(pthread_mutex_lock(&lock));
    pthread_cleanup_push(let_go, NULL);
    for (;;)
        zero(pthread_cond_wait(&cond, &lock));
    pthread_cleanup_pop(1);
}

// What it takes it gives back: nobody is cancelled between.
static void waits_for_semaphore(void)
{
    for (;;) {
        must(sem_wait(&semaphore));
        must(sem_post(&semaphore));
        pthread_testcancel();
        sched_yield();
    }
}

static void reads(void)
{
    char c;
    must(read(ends[0], &c, 1));
}

static void sleeps(void)
{
    for (;;)
        sleep(1000);
}

static void joins(void)
{
    pthread_join(outliving[mine], NULL);
}

static void (*const kinds[])(void) = {waits_for_condition, waits_for_semaphore, reads, sleeps, joins};
enum { KINDS = sizeof kinds / sizeof kinds[0], VICTIMS = KINDS * EACH_KIND };

static void *victim(void *arg)
{
    mine = unbox(arg) / KINDS;
    pthread_cleanup_push(add_up, &cleaned);
    kinds[unbox(arg) % KINDS]();
    count(&came_back);
    pthread_cleanup_pop(0);
    return NULL;
}

// Nobody cancels these. Each wake-up is for one that takes a token; what a victim got must go on to them.
static void *worker(void *arg)
{
    for (int i = 0; i < STEPS; i++) {
        zero(pthread_mutex_lock(&lock));
        if (unbox(arg) % 2) {
            tokens++;
            zero(pthread_cond_broadcast(&cond));
        } else {
            while (tokens == 0)
                zero(pthread_cond_wait(&cond, &lock));
            tokens--;
        }
        visit(&guarded, i % 100 == 0);
        zero(pthread_mutex_unlock(&lock));
        if (unbox(arg) % 2 && i % 50 == 0) {
            must(sem_post(&semaphore));
            sched_yield();
            must(sem_wait(&semaphore));
        }
    }
    return NULL;
}

static void *outlives(void *semaphore)
{
    must(sem_wait(semaphore));
    return box(1);
}

int main(void)
{
    pthread_t victims[VICTIMS], workers[WORKERS];
    long cancelled = 0, joined = 0;
    int value;
    sem_t the_end;
    must(pipe(ends));
    must(sem_init(&the_end, 0, 0));
    must(sem_init(&semaphore, 0, 1));
    for (int i = 0; i < EACH_KIND; i++)
        outliving[i] = start_small(outlives, &the_end);
    for (int round = 0; round < ROUNDS; round++) {
        for (long i = 0; i < VICTIMS; i++)
            victims[i] = start_small(victim, box(i));
        for (long i = 0; round % 5 == 0 && i < WORKERS; i++)
            workers[i] = start_small(worker, box(i));
        if (round % 2)
            let_it_block();
        for (int i = 0; i < VICTIMS; i++)
            zero(pthread_cancel(victims[(i * 7l + round) % VICTIMS]));
        for (int i = 0; i < VICTIMS; i++)
            cancelled += join(victims[i]) == PTHREAD_CANCELED;
        for (long i = 0; round % 5 == 0 && i < WORKERS; i++)
            join(workers[i]);
    }
    printf("cancelled: %ld\n", cancelled);
    printf("cleaned up: %ld\n", cleaned);
    printf("mutex not held in a handler: %ld\n", not_held);
    printf("came back: %ld\n", came_back);
    printf("tokens left: %ld\n", tokens);
    printf("invariant held: %s\n", yes(whole(&guarded, guarded.first)));
    must(sem_getvalue(&semaphore, &value));
    printf("semaphore: %d\n", value);
    for (int i = 0; i < EACH_KIND; i++)
        must(sem_post(&the_end));
    for (int i = 0; i < EACH_KIND; i++)
        joined += unbox(join(outliving[i]));
    printf("joined in the end: %ld\n", joined);
    return 0;
}
