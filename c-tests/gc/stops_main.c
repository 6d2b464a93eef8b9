// A thread sends main a signal with pthread_kill while main joins it, waits, sleeps or computes: the handler runs on main, on main's stack.
#include "fixture.h"
#include <semaphore.h>
#include <signal.h>

enum { TIMES = 30 };

static pthread_t main_thread;
static char *main_stack;
static sem_t handled;
static int elsewhere, done;
static struct gate gate = GATE_CLOSED;

static void handler(int number)
{
    char here;
    (void)number;
    if (!pthread_equal(pthread_self(), main_thread) || labs(main_stack - &here) > 1 << 20)
        elsewhere++;
    sem_post(&handled);
}

static void *sends(void *what)
{
    for (int i = 0; i < TIMES; i++) {
        zero(pthread_kill(main_thread, SIGPWR));
        must(sem_wait(&handled));
    }
    printf("%s: not on main %d\n", (char *)what, elsewhere);
    elsewhere = 0;
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    gate_open(&gate);
    return NULL;
}

int main(void)
{
    char here;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct timespec little = {0, 1000000};
    main_stack = &here;
    main_thread = pthread_self();
    zero(sem_init(&handled, 0, 0));
    must(sigaction(SIGPWR, &action, NULL));

    join(start(sends, "join"));
    gate.open = 0;
    pthread_t thread = start(sends, "cond_wait");
    gate_wait(&gate);
    join(thread);
    done = 0;
    thread = start(sends, "sleep");
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        nanosleep(&little, NULL);
    join(thread);
    done = 0;
    thread = start(sends, "computing");
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
    }
    join(thread);
    return 0;
}
