// pthread_kill: the handler runs on the thread that is meant, whatever it does; its calls end with EINTR, or restart.
#include "fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <signal.h>

static __thread volatile int seen;
static __thread volatile int self_was_right;
static __thread pthread_t self;
static int ends[2], back[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static int done;
static volatile int sent, over;

static void handler(int number)
{
    (void)number;
    seen++;
    self_was_right = pthread_equal(pthread_self(), self);
}

static void ready(void)
{
    must(write(back[1], "r", 1));
}

static void reads(void)
{
    char c;
    ready();
    printf("  read: %s\n", answer(read(ends[0], &c, 1)));
}

static void sleeps(void)
{
    ready();
    printf("  nanosleep: %s\n", answer(nanosleep(&(struct timespec){.tv_sec = 60}, NULL)));
}

static void polls(void)
{
    ready();
    printf("  poll: %s\n", answer(poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 60000)));
}

static void posts(void)
{
    ready();
    printf("  sem_wait: %s\n", answer(sem_wait(&semaphore)));
}

static void waits(void)
{
    zero(pthread_mutex_lock(&mutex));
    ready();
    while (!done)
        zero(pthread_cond_wait(&cond, &mutex));
    zero(pthread_mutex_unlock(&mutex));
    printf("  cond_wait: done\n");
}

static void locks(void)
{
    ready();
    zero(pthread_mutex_lock(&held));
    zero(pthread_mutex_unlock(&held));
    printf("  mutex: got it\n");
}

static void computes(void)
{
    ready();
    while (!seen)
        ;
    printf("  computing: noticed\n");
}

static void blocks(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    ready();
    while (!sent)
        usleep(1000);
    printf("  blocked: %d\n", seen);
    zero(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
    printf("  unblocked: %d\n", seen);
}

static void sigwaits(void)
{
    sigset_t set;
    int number = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    zero(pthread_sigmask(SIG_BLOCK, &set, NULL));
    ready();
    printf("  sigwait: %d", sigwait(&set, &number));
    printf(" %s\n", sigabbrev_np(number));
    seen = self_was_right = 1;
}

static void *runs(void *arg)
{
    self = pthread_self();
    ((void (*)(void))arg)();
    over = 1;
    printf("  handler ran: %d, on the right thread: %d\n", seen > 0, self_was_right);
    return NULL;
}

static void act(const char *name, void (*call)(void), int flags, void (*help)(void))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    pthread_t thread;
    char c;

    printf("%s%s\n", name, flags & SA_RESTART ? ", SA_RESTART" : "");
    over = 0;
    must(sigaction(SIGUSR1, &action, NULL));
    zero(pthread_create(&thread, NULL, runs, call));
    must(read(back[0], &c, 1));
    usleep(5000);
    zero(pthread_kill(thread, SIGUSR1));
    usleep(5000);
    if (help)
        help();
    else
        while (!over) { // the first may have come too early
            usleep(5000);
            zero(pthread_kill(thread, SIGUSR1));
        }
    zero(pthread_join(thread, NULL));
}

static void give_byte(void) { must(write(ends[1], "x", 1)); }
static void post(void) { must(sem_post(&semaphore)); }
static void unlock(void) { zero(pthread_mutex_unlock(&held)); }
static void tell(void) { sent = 1; }
static void finish(void)
{
    zero(pthread_mutex_lock(&mutex));
    done = 1;
    zero(pthread_cond_broadcast(&cond));
    zero(pthread_mutex_unlock(&mutex));
}

static void *lives(void *arg)
{
    char c;
    must(read(ends[0], &c, 1));
    return arg;
}

int main(void)
{
    pthread_t thread;
    must(pipe(ends));
    must(pipe(back));
    must(sem_init(&semaphore, 0, 0));
    zero(pthread_mutex_lock(&held));
    act("read", reads, 0, NULL);
    act("read", reads, SA_RESTART, give_byte);
    act("nanosleep", sleeps, 0, NULL);
    act("nanosleep", sleeps, SA_RESTART, NULL);
    act("poll", polls, SA_RESTART, NULL);
    act("sem_wait", posts, 0, NULL);
    act("sem_wait", posts, SA_RESTART, post);
    act("cond_wait", waits, 0, finish);
    act("mutex", locks, 0, unlock);
    act("computing", computes, 0, NULL);
    act("blocked", blocks, 0, tell);
    act("sigwait", sigwaits, 0, NULL);

    zero(pthread_create(&thread, NULL, lives, NULL));
    printf("no signal: %s", error_name(pthread_kill(thread, 0)));
    printf(", a wrong one: %s\n", error_name(pthread_kill(thread, 1000)));
    give_byte();
    zero(pthread_join(thread, NULL));
    self = pthread_self();
    printf("main: %s", error_name(pthread_kill(pthread_self(), SIGUSR1)));
    printf(", handled %d %d\n", seen, self_was_right);
    return 0;
}
