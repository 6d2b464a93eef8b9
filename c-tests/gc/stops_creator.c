// A collector's signal stops main, in a handler that waits, while main creates threads: the others go on meanwhile, some into calls
// that wait in the kernel. (Main may hold the locks of libc's that the start of another kernel thread takes.)
#define _GNU_SOURCE
#include "still.h"
#include <sys/time.h>

enum { ROUNDS = 100, BATCH = 8, WAITERS = 3 };

static pthread_t main_thread;
static sem_t go;
static int waiting;
static struct gate gate = GATE_CLOSED;

static void *waits_in_kernel(void *arg)
{
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    must(sem_wait(&go));
    __atomic_add_fetch(&waiting, 1, __ATOMIC_RELEASE);
    zero(sigwait(&set, &number));
    return arg;
}

static void *collect(void *arg)
{
    for (int i = 1; i <= ROUNDS; i++) {
        must(sem_wait(&stands));
        if (i <= WAITERS) {
            must(sem_post(&go));
            while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE) < i)
                sched_yield();
        }
        for (int n = 0; n < 10; n++)
            sched_yield();
        go_on(&main_thread, 1);
    }
    return arg;
}

static void *waits_for_the_end(void *arg)
{
    gate_wait(&gate);
    return arg;
}

int main(void)
{
    static pthread_t threads[ROUNDS * BATCH], waiters[WAITERS];
    pthread_attr_t others;
    pthread_t collector;
    sigset_t set;
    main_thread = pthread_self();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    sigaddset(&set, SIGALRM);
    zero(pthread_attr_init(&others));
    zero(pthread_attr_setsigmask_np(&others, &set)); // the stop is for main alone
    zero(pthread_attr_setstacksize(&others, 64 << 10));
    zero(sem_init(&go, 0, 0));
    stops_by(SIGALRM);
    for (int i = 0; i < WAITERS; i++)
        zero(pthread_create(&waiters[i], &others, waits_in_kernel, NULL));
    zero(pthread_create(&collector, &others, collect, NULL));
    zero(pthread_kill(main_thread, SIGXCPU)); // as any collector would by now
    for (int i = 0; i < ROUNDS; i++) {
        struct itimerval soon = {.it_value = {0, 10 + i * 7 % 50}};
        must(setitimer(ITIMER_REAL, &soon, NULL));
        for (int n = i * BATCH; n < (i + 1) * BATCH; n++)
            zero(pthread_create(&threads[n], &others, waits_for_the_end, NULL));
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) <= i)
            sched_yield();
    }
    join(collector);
    gate_open(&gate);
    for (int i = 0; i < ROUNDS * BATCH; i++)
        join(threads[i]);
    for (int i = 0; i < WAITERS; i++) {
        zero(pthread_kill(waiters[i], SIGUSR1));
        join(waiters[i]);
    }
    printf("main stood still %ld times\n", turn);
    return 0;
}
