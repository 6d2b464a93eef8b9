// C11 conditions: signalled one by one, broadcast, out of time, and the mutex is held again whatever the wait says.
#include "fixture.h"
#include <threads.h>

enum { N = 6 };
static mtx_t mutex;
static cnd_t changed, taken;
static int tokens, got, go;

static int takes(void *unused)
{
    (void)unused;
    mtx_lock(&mutex);
    while (tokens == 0)
        cnd_wait(&changed, &mutex);
    tokens--;
    got++;
    cnd_signal(&taken);
    mtx_unlock(&mutex);
    return 0;
}

static int waits(void *arg)
{
    struct timespec later = in_ms(CLOCK_REALTIME, 30000);
    int result = thrd_success;
    mtx_lock(&mutex);
    got++;
    cnd_signal(&taken);
    while (!go && result == thrd_success)
        result = unbox(arg) % 2 ? cnd_wait(&changed, &mutex) : cnd_timedwait(&changed, &mutex, &later);
    mtx_unlock(&mutex);
    return result;
}

static int times_out(void *unused)
{
    struct timespec past = {1, 0}, wrong = {1, -1}, soon = in_ms(CLOCK_REALTIME, 20);
    int result = thrd_success;
    double since = now_ms();
    (void)unused;
    mtx_lock(&mutex);
    while (result == thrd_success)
        result = cnd_timedwait(&changed, &mutex, &soon);
    printf("nobody signals: timed out: %s, waited: %s", yes(result == thrd_timedout), yes(now_ms() - since >= 19));
    printf(", past: %s", yes(cnd_timedwait(&changed, &mutex, &past) == thrd_timedout));
    printf(", wrong: error: %s", yes(cnd_timedwait(&changed, &mutex, &wrong) == thrd_error));
    printf(", the mutex is held: %s\n", yes(mtx_trylock(&mutex) == thrd_busy));
    mtx_unlock(&mutex);
    return 0;
}

static void create(thrd_t *thread, thrd_start_t function, void *argument)
{
    if (thrd_create(thread, function, argument) != thrd_success)
        die("thrd_create");
}

int main(void)
{
    thrd_t threads[N];
    int result, failed = 0;
    mtx_init(&mutex, mtx_plain);
    cnd_init(&changed);
    cnd_init(&taken);
    printf("nobody waits: %d %d\n", cnd_signal(&changed), cnd_broadcast(&changed));
    for (int i = 0; i < N; i++)
        create(&threads[i], takes, NULL);
    for (int i = 1; i <= N; i++) {
        mtx_lock(&mutex);
        tokens++;
        cnd_signal(&changed);
        while (got < i)
            cnd_wait(&taken, &mutex);
        printf("taken: %d, left: %d\n", got, tokens);
        mtx_unlock(&mutex);
    }
    for (int i = 0; i < N; i++)
        thrd_join(threads[i], NULL);

    got = 0;
    for (long i = 0; i < N; i++)
        create(&threads[i], waits, box(i));
    mtx_lock(&mutex);
    while (got < N)
        cnd_wait(&taken, &mutex);
    go = 1;
    cnd_broadcast(&changed);
    cnd_destroy(&changed); // all are woken: this is allowed
    memset(&changed, 0xee, sizeof changed);
    cnd_init(&changed);
    mtx_unlock(&mutex);
    for (int i = 0; i < N; i++) {
        thrd_join(threads[i], &result);
        failed += result != thrd_success;
    }
    printf("broadcast: failed: %d\n", failed);
    create(&threads[0], times_out, NULL);
    thrd_join(threads[0], NULL);
    times_out(NULL);
    return 0;
}
