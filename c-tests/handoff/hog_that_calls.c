// Hogs that now and then write into a pipe, take a mutex, or signal a condition, and go on computing at once, until main, who reads,
// waits and sleeps, has had enough.
#include "hog.h"

enum { STEPS = 300000, WANTED = 10 };
static atomic_int stop;
static int ends[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t signalled = PTHREAD_COND_INITIALIZER;
static long locked, announced;

static void *hog(void *arg)
{
    uint64_t hash = 1;
    long written = 0;
    while (!stop) {
        for (int i = 0; i < STEPS; i++)
            hash = mix(hash);
        switch (unbox(arg)) {
        case 0:
            if (written < WANTED)
                written += must(write(ends[1], hash ? "x" : "", 1));
            break;
        case 1:
            pthread_mutex_lock(&lock);
            locked++;
            pthread_mutex_unlock(&lock);
            break;
        default:
            pthread_mutex_lock(&lock);
            announced++;
            pthread_cond_signal(&signalled);
            pthread_mutex_unlock(&lock);
        }
    }
    return NULL;
}

int main(void)
{
    pthread_t hogs[3];
    char bytes[WANTED];
    must(pipe(ends));
    for (long i = 0; i < 3; i++)
        hogs[i] = start(hog, box(i));
    printf("read: %zu bytes\n", read_all(ends[0], bytes, sizeof bytes));
    pthread_mutex_lock(&lock);
    while (announced < WANTED)
        pthread_cond_wait(&signalled, &lock);
    pthread_mutex_unlock(&lock);
    printf("announced: %d times\n", WANTED);
    for (int enough = 0; !enough;) {
        usleep(1000);
        pthread_mutex_lock(&lock);
        enough = locked >= WANTED;
        pthread_mutex_unlock(&lock);
    }
    printf("locked: %d times\n", WANTED);
    stop = 1;
    for (int i = 0; i < 3; i++)
        join(hogs[i]);
    return 0;
}
